"""What filling a gap comes to. Source: seed 003, section 8, and the shapes on the wire."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from factbook.profile import Asked, ProfileFieldDefinition, RequiredLevel, SourceType


@dataclass(frozen=True, slots=True)
class GapFillLimits:
    """How far a conversation is believed. Confidences are between 0 and 1; each belongs to what it opens.

    From `extraction_confidence` on a value that was found fills a gap, and from `confirmation` on nobody needs to confirm it. `turns` is how many
    messages are looked at, the last ones, `characters` how much of them, and `seconds` how long.
    """

    extraction_enabled: bool
    extraction_confidence: float
    confirmation: float
    turns: int
    characters: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Gaps:
    """Which gaps are to be filled, for whom, from which conversation."""

    customer_id: UUID
    conversation_id: UUID
    agent_id: UUID
    scenario_id: UUID
    step_id: UUID | None
    level: RequiredLevel | None

    @property
    def asked(self) -> Asked:
        """What is asked of the profile."""
        return Asked(self.scenario_id, self.step_id, self.agent_id)


class GapFillSource(StrEnum):
    """Where a value comes from."""

    PROFILE = "profile"
    SESSION = "session"
    EXTRACTION = "extraction"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Found:
    """A value that words of the customer hold: the message that they stand in, when it was said, and who found it."""

    value: Any
    confidence: float
    quote: str
    message_id: UUID
    said_at: datetime
    extractor: str
    prompt_version: str


class GapFillResult(BaseModel):
    """What became of one field that the scenario needs.

    `value` of a result that is not filled is what was found and may not be used; `validation_errors` say why. Those of one that is filled are
    warnings. A value from the profile names the field as its source, one from the conversation the conversation.
    """

    model_config = ConfigDict(frozen=True)

    field_name: str
    filled: bool
    value: Any = Field(default=None, description="Any JSON value; null where nothing was found.")
    source: GapFillSource
    confidence: float = 0.0
    needs_confirmation: bool = False
    extraction_quote: str | None = None
    field_definition: ProfileFieldDefinition | None = None
    validation_errors: list[str] = []
    source_item_id: UUID | None = None
    source_item_type: SourceType | None = None
    source_message_id: UUID | None = None
    extractor: str | None = Field(default=None, description='"rules", or the name of the model that found the value.')


class ExtractionFailure(StrEnum):
    """Why messages could not be looked at."""

    UNREACHABLE = "unreachable"
    RATE_LIMITED = "rate_limited"
    REFUSED = "refused"
    UNUSABLE_ANSWER = "unusable_answer"
    OVER_BUDGET = "over_budget"
    OUT_OF_TIME = "out_of_time"
    OTHER = "other"


class ExtractionReport(BaseModel):
    """Who looked at the messages, and why that failed if it did: then nothing was found in them, and asking again may find something."""

    model_config = ConfigDict(frozen=True)

    extractor: str
    failed: ExtractionFailure | None = None


@dataclass(frozen=True, slots=True)
class GapFill:
    """What became of every field that the scenario needs, in collection order; whether it may not begin; and what the customer is to be asked for.

    `extraction` tells who looked at messages; None when nobody needed to.
    """

    results: dict[str, GapFillResult]
    blocked: bool
    ask: list[str]
    extraction: ExtractionReport | None
