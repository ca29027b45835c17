"""The shapes of links on the wire."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StrictBool

from factbook.conversations.linking.model import LinkChange
from factbook.kernel.wire import Reason, Timestamp


class LinkRequest(BaseModel):
    """Whom the conversation is with. Without `overwrite`, a conversation that is linked to another customer stays as it is."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"customer_id": "0192f7c2-a4b8-7d3e-9f10-2b6a5c4d3e2f", "reason": "asked her on the phone"}]}
    )

    customer_id: UUID
    overwrite: StrictBool = False
    reason: Reason | None = None


class UnlinkRequest(BaseModel):
    """Why the link is taken away."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "wrong Ada"}]})

    reason: Reason | None = None


class LinkAnswer(BaseModel):
    """One change of the link: from whom to whom, by which human, and why, in their own words."""

    id: UUID
    previous_customer_id: UUID | None
    new_customer_id: UUID | None
    actor_type: Literal["human"]
    actor_id: UUID
    reason: str | None
    created_at: Timestamp

    @classmethod
    def of(cls, change: LinkChange) -> "LinkAnswer":
        """The change's shape."""
        return cls(
            id=change.id,
            previous_customer_id=change.previous_customer_id,
            new_customer_id=change.new_customer_id,
            actor_type="human",
            actor_id=change.actor_id,
            reason=change.reason,
            created_at=change.created_at,
        )


class LinkPage(BaseModel):
    """A page of the history of a conversation's link, oldest first."""

    items: list[LinkAnswer]
    next_cursor: str | None
