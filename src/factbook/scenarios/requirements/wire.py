"""The shapes of requirements on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from factbook.kernel.wire import StorableText, WholeNumber
from factbook.profile import LONGEST_CONDITION, FallbackAction, FieldName, RequiredLevel, RequirementOrigin, Review, ScenarioFieldRequirement
from factbook.scenarios.model import FieldNames

_Order = Annotated[WholeNumber, Field(ge=-2_147_483_648, le=2_147_483_647)]


class RequirementRequest(BaseModel):
    """A field that a scenario needs, everywhere in it or in one step. By hand, it takes the place of what was found of the field there."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"scenario_id": "11111111-0000-4000-8000-000000000009", "field_name": "order_number"}]},
    )

    scenario_id: UUID
    step_id: UUID | None = None
    rule_id: UUID | None = None
    field_name: FieldName
    required_level: RequiredLevel = RequiredLevel.HARD
    fallback_action: FallbackAction = FallbackAction.ASK
    when_condition: Annotated[StorableText | None, Field(min_length=1, max_length=LONGEST_CONDITION)] = None
    depends_on_fields: Annotated[FieldNames, Field(description="The requirement applies once all of these are there.")] = []
    collection_order: _Order = 0

    def requirement(self, tenant_id: UUID, agent_id: UUID, now: datetime) -> ScenarioFieldRequirement:
        """The requirement that is saved now."""
        given = self.model_dump()
        return ScenarioFieldRequirement(
            tenant_id=tenant_id, agent_id=agent_id, origin=RequirementOrigin.MANUAL, created_at=now, updated_at=now, **given
        )


class ReviewRequest(BaseModel):
    """What a human says of a requirement. A rejected one stays on record and is not missed any more."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"decision": "accepted"}]})

    decision: Review


class RequirementPage(BaseModel):
    """A page of requirements, by scenario and in collection order."""

    items: list[ScenarioFieldRequirement]
    next_cursor: str | None
