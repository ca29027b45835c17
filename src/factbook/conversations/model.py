"""What a conversation is: a thread on one channel, as an inbox brought it in, and whom a human says it is with."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ConversationStatus(StrEnum):
    """Where a conversation stands."""

    OPEN = "open"
    REQUIRES_HUMAN = "requires_human"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class IncomingConversation:
    """A conversation as it comes in. `variables` is the JSON text of an object, `normalized_identifier` what the normalizer made of the other."""

    id: UUID
    channel: str
    customer_identifier: str | None
    normalized_identifier: str | None
    external_id: str | None
    variables: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as it stands.

    `customer_id` is the link, which humans alone set. `matches` are the customers whom the identifier stands for: empty where a link makes them
    needless, None when they were not looked up or could not be.
    """

    id: UUID
    channel: str
    customer_identifier: str | None
    normalized_identifier: str | None
    external_id: str | None
    status: ConversationStatus
    variables: str
    customer_id: UUID | None
    created_at: datetime
    updated_at: datetime
    matches: tuple[UUID, ...] | None
