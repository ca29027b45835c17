"""The shapes of channel identities on the wire."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from factbook.identity.model import ChannelIdentity
from factbook.kernel.wire import Reason, Timestamp


class ChannelIdentityRequest(BaseModel):
    """The address to attach, as the channel knows it, and why."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"channel": "sms", "identifier": "+44 7700 900123", "reason": "new number"}]}
    )

    channel: str
    identifier: str
    reason: Reason | None = None


class ChannelIdentityAnswer(BaseModel):
    """An address that stands for a customer because the human `created_by` said so."""

    id: UUID
    channel: str
    normalized_identifier: str
    created_at: Timestamp
    created_by: UUID

    @classmethod
    def of(cls, identity: ChannelIdentity) -> "ChannelIdentityAnswer":
        """The identity's shape."""
        return cls.model_validate(identity, from_attributes=True)


class ChannelIdentityPage(BaseModel):
    """A page of a customer's attached identities, oldest first."""

    items: list[ChannelIdentityAnswer]
    next_cursor: str | None
