"""What an audit event is: who did what, when and why, in a closed vocabulary."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class EventName(StrEnum):
    """Everything that is audited, in dotted past tense. Source: CM-2.5 of seed 001."""

    CUSTOMER_LINKED = "conversation.customer_linked"
    CUSTOMER_UNLINKED = "conversation.customer_unlinked"
    CUSTOMER_RELINKED = "conversation.customer_relinked"


class ActorType(StrEnum):
    """A human acts by decision; the system where nobody had to decide."""

    HUMAN = "human"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `id` is the id of the record that it reports, so a record has one event at most.

    `context` is a JSON object for readers' information, free of personal data; nothing is ever decided by it.
    """

    id: UUID
    name: EventName
    conversation_id: UUID | None
    actor_type: ActorType
    actor_id: UUID | None
    timestamp: datetime
    previous_customer_id: UUID | None
    new_customer_id: UUID | None
    reason: str | None
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: the number of its last event and the hash that stands for all events up to it. 0 and zeros before the first."""

    sequence: int
    sha256: bytes


GENESIS = Head(0, bytes(32))
