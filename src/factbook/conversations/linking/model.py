"""What a change of a link is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class LinkState:
    """Whom a conversation is linked to (None: nobody), after so many changes of its link. The number tells a state from an equal one before it."""

    customer_id: UUID | None
    changes: int


@dataclass(frozen=True, slots=True)
class LinkChange:
    """One change of a conversation's link, by the human `actor_id`. From None it is a first link, to None an unlink, else a relink."""

    id: UUID
    conversation_id: UUID
    previous_customer_id: UUID | None
    new_customer_id: UUID | None
    actor_id: UUID
    reason: str | None
    created_at: datetime
