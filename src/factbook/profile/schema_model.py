"""What a field must look like, and which scenario needs it. Source: seed 003, sections 3 and 4, and the shapes on the wire."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from factbook.kernel.ids import new_id
from factbook.kernel.wire import Timestamp
from factbook.profile.model import FieldName
from factbook.profile.validation.value_types import ValueType


class ValidationMode(StrEnum):
    """What becomes of a value that is not as it should be: refused, stored with warnings, or not even looked at."""

    STRICT = "strict"
    WARN = "warn"
    DISABLED = "disabled"


class DefinitionOrigin(StrEnum):
    """Whether somebody defined the field, or it was suggested and waits for somebody to save it."""

    DEFINED = "defined"
    SUGGESTED = "suggested"


class RequiredLevel(StrEnum):
    """How badly a field is needed: without a hard one the scenario cannot go on."""

    HARD = "hard"
    SOFT = "soft"


class FallbackAction(StrEnum):
    """What to do about a field that is missing."""

    ASK = "ask"
    SKIP = "skip"
    BLOCK = "block"
    EXTRACT = "extract"


class RequirementOrigin(StrEnum):
    """Whether a requirement was found in the scenario's text, or a human wrote it."""

    AUTO = "auto"
    MANUAL = "manual"


class Review(StrEnum):
    """What a human said of a requirement."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


class RequirementReviewState(StrEnum):
    """How a requirement stands with the people who look at it. One that is not reviewed was sure enough to need nobody."""

    NEEDS_REVIEW = "needs_review"
    NOT_REVIEWED = "not_reviewed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class _Immutable(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProfileFieldDefinition(_Immutable):
    """What one agent's field must look like. `retention_days` and `freshness_seconds` of None or 0 mean for ever and never stale."""

    id: UUID = Field(default_factory=new_id)
    tenant_id: UUID
    agent_id: UUID
    name: FieldName
    display_name: str
    description: str | None = None
    value_type: ValueType
    validation_regex: str | None = None
    validation_tool_id: str | None = None
    allowed_values: list[str] | None = None
    validation_mode: ValidationMode | None = None
    origin: DefinitionOrigin = DefinitionOrigin.DEFINED
    required_verification: bool = False
    verification_methods: list[str] = []
    collection_prompt: str | None = None
    extraction_examples: list[str] = []
    extraction_prompt_hint: str | None = None
    is_pii: bool = False
    encryption_required: bool = False
    retention_days: Annotated[int | None, Field(ge=0)] = None
    freshness_seconds: Annotated[int | None, Field(ge=0)] = None
    enabled: bool = True
    created_at: Timestamp
    updated_at: Timestamp


class ScenarioFieldRequirement(_Immutable):
    """A field that a scenario needs: everywhere in it, or in one step. Of several that are missing the lowest `collection_order` comes first."""

    id: UUID = Field(default_factory=new_id)
    tenant_id: UUID
    agent_id: UUID
    scenario_id: UUID
    step_id: UUID | None = None
    rule_id: UUID | None = None
    field_name: FieldName
    required_level: RequiredLevel = RequiredLevel.HARD
    fallback_action: FallbackAction = FallbackAction.ASK
    when_condition: str | None = None
    depends_on_fields: list[str] = []
    collection_order: int = 0
    needs_human_review: bool = False
    extraction_confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    origin: RequirementOrigin = RequirementOrigin.MANUAL
    review: Review | None = None
    created_at: Timestamp
    updated_at: Timestamp


def review_state_of(requirement: ScenarioFieldRequirement) -> RequirementReviewState:
    """The state of the requirement: what a human said, else whether one is asked."""
    if requirement.review is not None:
        return RequirementReviewState(requirement.review)
    return RequirementReviewState.NEEDS_REVIEW if requirement.needs_human_review else RequirementReviewState.NOT_REVIEWED
