"""The shapes of fields on the wire."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, WithJsonSchema

from factbook.kernel.json_text import json_object_text, json_text
from factbook.kernel.wire import Fraction, Instant, StorableText
from factbook.profile.contract import SavedField
from factbook.profile.fields.operations import Terms
from factbook.profile.lifecycle_rules import ASSERTED_BY
from factbook.profile.model import ProfileField, ProfileFieldSource, SourceType
from factbook.profile.validation.value_types import ValueType, inferred_type


def _a_value(value: Any) -> Any:
    if value is None:
        raise ValueError("a value is needed; delete the field to have none")
    json_text(value)
    return value


def _an_object(value: dict[str, Any]) -> dict[str, Any]:
    json_object_text(value)
    return value


JsonValue = Annotated[Any, AfterValidator(_a_value), WithJsonSchema({"description": "Any JSON value but null; it comes back as it went in."})]
Metadata = Annotated[dict[str, Any], AfterValidator(_an_object)]


class FieldRequest(BaseModel):
    """A new value of a field, how it was obtained, and what it was derived from. Whether it is verified is for a human to say afterwards."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"value": "Ada Lovelace", "source": "user_provided", "source_metadata": {"quote": "I am Ada Lovelace"}}]},
    )

    value: JsonValue
    value_type: ValueType | None = None
    source: ProfileFieldSource
    agent_id: UUID | None = None
    field_definition_id: UUID | None = None
    source_session_id: UUID | None = None
    source_scenario_id: UUID | None = None
    source_step_id: UUID | None = None
    source_item_id: UUID | None = None
    source_item_type: SourceType | None = None
    source_metadata: Metadata = {}
    confidence: Fraction = 1.0
    requires_confirmation: StrictBool = False
    collected_at: Instant | None = None
    expires_at: Instant | None = None

    def field(self, name: str, now: datetime) -> ProfileField:
        """The field that is to be stored now under this name."""
        given = self.model_dump(exclude={"agent_id", "value_type", "collected_at"})
        return ProfileField(
            name=name,
            value_type=self.value_type or inferred_type(self.value),
            asserted_by=ASSERTED_BY[self.source],
            collected_at=self.collected_at or now,
            updated_at=now,
            **given,
        )

    def terms(self) -> Terms:
        """How it is to be stored."""
        return Terms(self.value_type, self.agent_id)


class FaultAnswer(BaseModel):
    """Something that a definition warns of."""

    field: str
    error_type: str
    message: str


class SavedFieldAnswer(BaseModel):
    """The field as it was stored. A proposal requires confirmation and is not the active value."""

    field: ProfileField
    warnings: list[FaultAnswer]

    @classmethod
    def of(cls, saved: SavedField) -> "SavedFieldAnswer":
        """The shape of what was saved."""
        warnings = [FaultAnswer(field=fault.field_name, error_type=fault.error_type, message=fault.message) for fault in saved.warnings]
        return cls(field=saved.field, warnings=warnings)


class FieldPage(BaseModel):
    """A page of a field's versions, the last collected first."""

    items: list[ProfileField]
    next_cursor: str | None


class VerificationRequest(BaseModel):
    """How the value was verified."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"method": "document"}]})

    method: Annotated[StorableText, Field(min_length=1, max_length=100)]
