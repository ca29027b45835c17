"""What a merge leaves on record."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Merge:
    """Two persons who became one, said by which human: everybody who was `merged_person_id` is `person_id`, with so many submissions more."""

    id: UUID
    person_id: UUID
    merged_person_id: UUID
    actor_id: UUID
    submissions: int
    created_at: datetime
