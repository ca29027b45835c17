"""What an erasure leaves: who erased whom, and how much, without a word of what it was."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

# Every table that `erase_person` deletes from.
TABLES_OF_THE_ERASED = ("persons", "person_data", "persona_notes", "personas", "idempotency_keys")


@dataclass(frozen=True, slots=True)
class Erasure:
    """A person who was erased, by which human, with how many submissions and versions of a persona."""

    id: UUID
    person_id: UUID
    actor_id: UUID
    submissions: int
    personas: int
    created_at: datetime
