"""A scenario among all of a tenant's, and a requirement beside what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from factbook.profile import RequirementReviewState, ScenarioFieldRequirement
from factbook.scenarios.extraction.model import Extraction, ExtractionState, Finding
from factbook.scenarios.model import Scenario, Version


@dataclass(frozen=True, slots=True)
class ScenarioLine:
    """A scenario as it stands, in one line of a list. `extraction` is how reading its text stands."""

    agent_id: UUID
    id: UUID
    name: str
    version: int
    saved_at: datetime
    enabled: bool
    steps: int
    extraction: ExtractionState | None


@dataclass(frozen=True, slots=True)
class ScenarioList:
    """A page of scenarios, with how many requirements each has in which state, counted up to a bound."""

    items: Sequence[ScenarioLine]
    counts: Mapping[UUID, Mapping[RequirementReviewState, int]]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """A field that was found in a scenario or a rule, whose name this is."""

    design_id: UUID
    name: str
    finding: Finding


class BasisKind(StrEnum):
    """What a requirement rests on: words of a text, a list that names the field, somebody who wrote it, or nothing that is still on record."""

    WORDS = "words"
    LIST = "list"
    HAND = "hand"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a requirement rests on, with the finding where there is one. `rule` is the name of the rule that it was found in."""

    kind: BasisKind
    finding: Finding | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class RequirementLine:
    """A requirement, where it stands (the name of a step; None for the whole scenario) and what it rests on."""

    requirement: ScenarioFieldRequirement
    state: RequirementReviewState
    step: str | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class ScenarioLook:
    """A scenario as it stands, and a page of what it needs, in collection order."""

    version: Version
    scenario: Scenario
    extraction: Extraction | None
    requirements: Sequence[RequirementLine]
    next_cursor: str | None
