"""The shapes of conversations on the wire."""

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from factbook.conversations.badge_rules import Badge, BadgeState
from factbook.conversations.model import Conversation, ConversationStatus, IncomingConversation
from factbook.identity import Channel, ResolutionKind, ResolutionReason, normalize
from factbook.kernel.ids import new_id
from factbook.kernel.wire import JsonObject, StorableText, Timestamp

ExternalId = Annotated[StorableText, Field(min_length=1, max_length=255)]
# What a channel calls somebody is taken as it comes; this is a bound against abuse.
RawIdentifier = Annotated[StorableText, Field(max_length=10_000)]


class ConversationRequest(BaseModel):
    """A thread as the inbox knows it. The identifier is kept as it is, whatever it is; the external id makes sending it again harmless."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"channel": "whatsapp", "customer_identifier": "+39 333 1234567", "external_id": "wa-184"}]}
    )

    channel: Channel
    customer_identifier: RawIdentifier | None = None
    external_id: ExternalId | None = None
    variables: Annotated[JsonObject, Field(default_factory=lambda: "{}")]

    def conversation(self, now: datetime) -> IncomingConversation:
        """The conversation that comes in now."""
        return IncomingConversation(
            id=new_id(),
            channel=self.channel,
            customer_identifier=self.customer_identifier,
            normalized_identifier=normalize(self.channel, self.customer_identifier),
            external_id=self.external_id,
            variables=self.variables,
            created_at=now,
        )


class BadgeAnswer(BaseModel):
    """What people see beside a conversation: `label` and `copy`, both always."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    state: BadgeState
    label: str
    # pydantic's own `copy` is a method, so the attribute goes by another name than the key.
    secondary_copy: str = Field(alias="copy")

    @classmethod
    def of(cls, badge: Badge) -> "BadgeAnswer":
        """The badge's shape."""
        return cls(state=badge.state, label=badge.label, secondary_copy=badge.copy)


class ConversationAnswer(BaseModel):
    """A conversation. `customer_id` is the link; `badge` is there only while the tenant's setting `customer_badge` is on."""

    id: UUID
    channel: str
    customer_identifier: str | None
    external_id: str | None
    status: ConversationStatus
    variables: dict[str, Any]
    customer_id: UUID | None
    created_at: Timestamp
    updated_at: Timestamp
    badge: BadgeAnswer | None = Field(default=None, exclude_if=lambda badge: badge is None)

    @classmethod
    def of(cls, conversation: Conversation, badge: BadgeAnswer | None) -> "ConversationAnswer":
        """The conversation's shape."""
        return cls(
            id=conversation.id,
            channel=conversation.channel,
            customer_identifier=conversation.customer_identifier,
            external_id=conversation.external_id,
            status=conversation.status,
            variables=json.loads(conversation.variables),
            customer_id=conversation.customer_id,
            created_at=conversation.created_at,
            updated_at=conversation.updated_at,
            badge=badge,
        )


class ConversationPage(BaseModel):
    """A page of conversations, newest first."""

    items: list[ConversationAnswer]
    next_cursor: str | None


class ResolutionAnswer(BaseModel):
    """Whom a conversation is with. `linked` is a human's word, `matched` a candidate that nobody has linked."""

    kind: ResolutionKind
    customer_id: UUID | None
    reason: ResolutionReason
