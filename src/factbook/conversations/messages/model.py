"""What a message is: something said in a conversation, in one direction."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Direction(StrEnum):
    """Whether the customer said it, or the business."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True)
class Message:
    """A message. `sender_identity` is what the channel calls its sender, for information alone; `sent_at` is None where the channel did not say."""

    id: UUID
    direction: Direction
    text: str
    sender_identity: str | None
    external_id: str | None
    sent_at: datetime | None
    created_at: datetime
