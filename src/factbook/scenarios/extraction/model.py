"""What was found in the text of a scenario or rule, and what follows for requirements."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from factbook.kernel.wire import Timestamp
from factbook.language import Source, ValueKind
from factbook.profile import FieldName, RequiredLevel, ScenarioFieldRequirement
from factbook.scenarios.model import Rule


@dataclass(frozen=True, slots=True)
class Listed:
    """A field that a list of a step names. `source_id` is the source that holds the list."""

    field_name: str
    step_id: UUID
    source_id: str


@dataclass(frozen=True, slots=True)
class Parts:
    """The texts of a scenario or rule in their order, the step that each is about (None: the whole), and the fields that lists name."""

    sources: tuple[Source, ...]
    steps: dict[str, UUID | None]
    listed: tuple[Listed, ...] = ()

    def places(self) -> dict[str, int]:
        """Where each source stands among all."""
        return {source_id: place for place, source_id in enumerate(self.steps)}


class Finding(BaseModel):
    """A field that a text needs, with the words that say so: `quote` stands in the part `source_id`. Of a rule's no `step_id` is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field_name: FieldName
    step_id: UUID | None
    required_level: RequiredLevel
    confidence: float
    needs_human_review: bool
    when_condition: str | None
    display_name: str
    value_type: ValueKind
    allowed_values: list[str] | None
    source_id: str
    quote: str
    reasoning: str


@dataclass(frozen=True, slots=True)
class Need:
    """A field that is needed at a place: what a requirement says that nobody wrote by hand."""

    scenario_id: UUID
    step_id: UUID | None
    rule_id: UUID | None
    field_name: str
    required_level: RequiredLevel
    when_condition: str | None
    collection_order: int
    needs_human_review: bool
    extraction_confidence: float

    @property
    def key(self) -> "NeedKey":
        """What tells a requirement from every other one."""
        return self.scenario_id, self.step_id, self.rule_id, self.field_name


NeedKey = tuple[UUID, UUID | None, UUID | None, str]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What to write so that the automatic requirements are what is needed, and no more."""

    saved: tuple[ScenarioFieldRequirement, ...]
    removed: tuple[ScenarioFieldRequirement, ...]

    @property
    def scenario_ids(self) -> set[UUID]:
        """The scenarios whose requirements change."""
        return {requirement.scenario_id for requirement in (*self.saved, *self.removed)}


class ExtractionState(StrEnum):
    """How reading a version stands. `superseded`: a newer version was saved before this one was read."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    SUPERSEDED = "superseded"


class Extraction(BaseModel):
    """How far reading a version has come, by whom, and what came of it. While it waits, `failure` says why it was put off, if it was.

    `left_out` counts what was found and is not used: a name that is none, a quote of a part that there is not, or what comes after the first 2,000.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: ExtractionState
    version: int
    extractor: str | None
    prompt_version: str | None
    found: int | None
    left_out: int | None
    failure: str | None
    asked_at: Timestamp
    ended_at: Timestamp | None


class ExtractionWithFindings(Extraction):
    """The same with a page of what was found, each with the words that say so. What lists name is not among it."""

    findings: list[Finding]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """A rule of an agent as it stands, with what was last found in it, whichever version that was."""

    id: UUID
    content: Rule
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a version came to: findings, how many are not used, and who read it with which version of the prompt."""

    findings: tuple[Finding, ...]
    left_out: int
    extractor: str
    prompt_version: str
