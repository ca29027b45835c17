"""The shapes of assets on the wire."""

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import UploadFile
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from starlette.datastructures import FormData

from factbook.content import Stored
from factbook.kernel import clock
from factbook.kernel.json_text import json_object_text
from factbook.kernel.problems import REQUEST_INVALID, FieldError
from factbook.kernel.wire import Instant, StorableText
from factbook.profile.model import AssetType, ProfileAsset, SourceType


def _object_in(text: Any) -> Any:
    """The object that a part of a form holds as JSON text."""
    try:
        value = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        raise ValueError("an object as JSON text is needed") from None
    json_object_text(value)
    return value


JsonPart = Annotated[dict[str, Any], BeforeValidator(_object_in), WithJsonSchema({"type": "string", "description": "A JSON object, as text."})]


class AssetForm(BaseModel):
    """A file with its type, and what is said of it."""

    model_config = ConfigDict(extra="forbid")

    file: UploadFile
    name: Annotated[StorableText, Field(min_length=1, max_length=255)]
    asset_type: AssetType
    supersede_existing: bool = False
    source_item_id: UUID | None = None
    source_item_type: SourceType | None = None
    derived_from_tool: Annotated[StorableText | None, Field(max_length=100)] = None
    uploaded_in_session_id: UUID | None = None
    uploaded_in_scenario_id: UUID | None = None
    verification_result: JsonPart | None = None
    retention_policy: Annotated[StorableText, Field(min_length=1, max_length=50)] = "permanent"
    expires_at: Instant | None = None

    def asset(self, stored: Stored, media_type: str) -> ProfileAsset:
        """The asset whose bytes are stored."""
        return ProfileAsset(
            storage_provider=stored.provider,
            storage_path=stored.path,
            mime_type=media_type,
            size_bytes=stored.size_bytes,
            checksum=stored.checksum,
            uploaded_at=clock.now(),
            **self.model_dump(exclude={"file", "supersede_existing"}),
        )


def check_parts(sent: FormData) -> None:
    """A `request_invalid` problem naming what was sent more than once: only the last of them would be kept, in silence."""
    repeated = [name for name in sent if len(sent.getlist(name)) > 1]
    if repeated:
        raise REQUEST_INVALID.because("Nothing was stored.", [FieldError(name, "sent more than once") for name in repeated])


class AssetPage(BaseModel):
    """A page of a customer's assets, the last added first."""

    items: list[ProfileAsset]
    next_cursor: str | None
