"""The shapes of definitions on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from factbook.kernel.wire import StorableText, WholeNumber
from factbook.profile.schema_model import DefinitionOrigin, ProfileFieldDefinition, ValidationMode
from factbook.profile.validation.value_types import ValueType

# The largest number of days or seconds that a date can still be reckoned with.
_Days = Annotated[WholeNumber, Field(ge=0, le=36_500)]
_Seconds = Annotated[WholeNumber, Field(ge=0, le=2_147_483_647)]
_Text = Annotated[StorableText, Field(max_length=10_000)]
_Entry = Annotated[StorableText, Field(min_length=1, max_length=1000)]


class DefinitionRequest(BaseModel):
    """What a field must look like, how it is asked for, and how it is looked after. Saving it makes a suggested definition a defined one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"display_name": "Order number", "value_type": "string", "validation_regex": "[A-Z]{2}[0-9]{6}"}]},
    )

    display_name: Annotated[StorableText | None, Field(min_length=1, max_length=255)] = None
    description: _Text | None = None
    value_type: ValueType
    validation_regex: Annotated[StorableText | None, Field(min_length=1)] = None
    validation_tool_id: Annotated[StorableText | None, Field(max_length=255)] = None
    allowed_values: Annotated[list[_Entry] | None, Field(min_length=1, max_length=1000)] = None
    validation_mode: ValidationMode | None = None
    required_verification: StrictBool = False
    verification_methods: Annotated[list[_Entry], Field(max_length=20)] = []
    collection_prompt: _Text | None = None
    extraction_examples: Annotated[list[_Entry], Field(max_length=100)] = []
    extraction_prompt_hint: _Text | None = None
    is_pii: StrictBool = False
    encryption_required: StrictBool = False
    retention_days: _Days | None = None
    freshness_seconds: _Seconds | None = None
    enabled: StrictBool = True

    def definition(self, tenant_id: UUID, agent_id: UUID, name: str, now: datetime) -> ProfileFieldDefinition:
        """The definition that is saved now."""
        given = self.model_dump() | {"display_name": self.display_name or name}
        return ProfileFieldDefinition(
            tenant_id=tenant_id, agent_id=agent_id, name=name, origin=DefinitionOrigin.DEFINED, created_at=now, updated_at=now, **given
        )


class DefinitionPage(BaseModel):
    """A page of an agent's definitions, by name."""

    items: list[ProfileFieldDefinition]
    next_cursor: str | None
