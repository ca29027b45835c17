"""The shapes of consents on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationInfo, field_validator

from factbook.kernel.wire import Instant, StorableText
from factbook.profile.model import Consent


class ConsentRequest(BaseModel):
    """What the customer agreed to, or took back. Without a time it is now."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"consent_type": "marketing", "granted": True}]})

    consent_type: Annotated[StorableText, Field(min_length=1, max_length=100)]
    granted: StrictBool
    granted_at: Instant | None = None
    revoked_at: Instant | None = None
    source_session_id: UUID | None = None
    ip_address: Annotated[StorableText | None, Field(max_length=45)] = None

    @field_validator("revoked_at")
    @classmethod
    def _not_granted_any_more(cls, revoked_at: datetime | None, info: ValidationInfo) -> datetime | None:
        if revoked_at is not None and info.data.get("granted"):
            raise ValueError("what was taken back is not granted")
        return revoked_at

    def consent(self, now: datetime) -> Consent:
        """The consent that comes in now."""
        times = {"granted_at": self.granted_at or now} if self.granted else {"revoked_at": self.revoked_at or now}
        return Consent(**self.model_dump() | times, created_at=now)


class ConsentPage(BaseModel):
    """A page of a customer's consents, oldest first."""

    items: list[Consent]
    next_cursor: str | None
