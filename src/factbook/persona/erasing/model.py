"""What an erasure leaves: who erased whom, and how much, without a word of what it was."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Erasure:
    """A person who was erased, by which human, with how many submissions and versions of a persona."""

    id: UUID
    person_id: UUID
    actor_id: UUID
    submissions: int
    personas: int
    created_at: datetime
