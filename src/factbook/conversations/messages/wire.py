"""The shapes of messages on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from factbook.conversations.messages.model import Direction, Message
from factbook.conversations.wire import ExternalId, RawIdentifier
from factbook.kernel.ids import new_id
from factbook.kernel.wire import Instant, StorableText, Timestamp


class MessageRequest(BaseModel):
    """Something said in the conversation. Its text is kept as it is; the external id makes sending it again harmless."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"direction": "inbound", "text": "Is Saturday still free?", "external_id": "wamid.7"}]}
    )

    direction: Direction
    text: Annotated[StorableText, Field(max_length=100_000)]
    sender_identity: RawIdentifier | None = None
    external_id: ExternalId | None = None
    sent_at: Instant | None = None

    def message(self, now: datetime) -> Message:
        """The message that comes in now."""
        return Message(new_id(), self.direction, self.text, self.sender_identity, self.external_id, self.sent_at, now)


class MessageAnswer(BaseModel):
    """A message. `sender_identity` is what the channel calls its sender; it decides nothing."""

    id: UUID
    direction: Direction
    text: str
    sender_identity: str | None
    external_id: str | None
    sent_at: Timestamp | None
    created_at: Timestamp

    @classmethod
    def of(cls, message: Message) -> "MessageAnswer":
        """The message's shape."""
        return cls.model_validate(message, from_attributes=True)


class MessagePage(BaseModel):
    """A page of a conversation's messages, oldest first."""

    items: list[MessageAnswer]
    next_cursor: str | None
