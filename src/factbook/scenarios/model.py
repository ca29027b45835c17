"""What an agent's designer writes: scenarios made of steps and transitions, and rules. Source: profile.md section 19.

Everything here is immutable. Conditions are text, for people and models to read; nothing evaluates them. Limits may be widened and never
narrowed, since versions that were saved are read back through these types.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from factbook.kernel.wire import StorableText, WholeNumber
from factbook.profile import FieldName

MOST_STEPS = 200
MOST_TRANSITIONS = 50  # of one step
MOST_FIELDS = 100  # named in one list
MOST_NEEDS = 2000  # named in all lists of a scenario, each once for each step
MOST_REFERENCES = 100  # to tools, templates or rules, in one list
MOST_TAGS = 50
# Of one scenario, of its steps and rules together. Whatever is asked about a scenario is answered whole, so there is an end to it.
MOST_REQUIREMENTS = 5000

Name = Annotated[StorableText, Field(min_length=1, max_length=100, pattern=r"\S")]
Text = Annotated[StorableText, Field(max_length=10_000)]
FieldNames = Annotated[list[FieldName], Field(max_length=MOST_FIELDS)]
_Ids = Annotated[list[UUID], Field(max_length=MOST_REFERENCES)]
_Label = Annotated[StorableText, Field(min_length=1, max_length=255)]
_Labels = Annotated[list[_Label], Field(max_length=MOST_REFERENCES)]
_Order = Annotated[WholeNumber, Field(ge=-1_000_000, le=1_000_000)]
_Count = Annotated[WholeNumber, Field(ge=0, le=1_000_000)]


class DesignKind(StrEnum):
    """The two kinds of what a designer writes."""

    SCENARIO = "scenario"
    RULE = "rule"


class RuleScope(StrEnum):
    """Where a rule holds: in every scenario of its agent, in one, or in one step."""

    GLOBAL = "GLOBAL"
    SCENARIO = "SCENARIO"
    STEP = "STEP"


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Transition(_Written):
    """A way from one step to another. Of several whose condition holds, the one of the highest priority is taken."""

    to_step_id: UUID
    condition_text: Text | None = None
    priority: _Order = 0
    condition_fields: FieldNames = []


class Step(_Written):
    """A step of a scenario. `collects_profile_fields` and the `condition_fields` of its transitions are fields that it needs."""

    id: UUID
    name: Name
    description: Text | None = None
    transitions: Annotated[list[Transition], Field(max_length=MOST_TRANSITIONS)] = []
    template_ids: _Ids = []
    rule_ids: _Ids = []
    tool_ids: _Labels = []
    is_entry: StrictBool = False
    is_terminal: StrictBool = False
    can_skip: StrictBool = False
    reachable_from_anywhere: StrictBool = False
    collects_profile_fields: FieldNames = []
    performs_action: StrictBool = False
    is_required_action: StrictBool = False
    is_checkpoint: StrictBool = False
    checkpoint_description: Text | None = None


class Scenario(_Written):
    """A course of conversation. One without steps is a description alone."""

    name: Name
    description: Text | None = None
    entry_step_id: UUID | None = None
    entry_condition_text: Text | None = None
    steps: Annotated[list[Step], Field(max_length=MOST_STEPS)] = []
    tags: Annotated[list[_Label], Field(max_length=MOST_TAGS)] = []
    enabled: StrictBool = True


class Rule(_Written):
    """What the agent does whenever a condition holds. `scope_id` is the scenario or step that the rule is for; a global one has none."""

    name: Name
    description: Text | None = None
    condition_text: Text
    action_text: Text
    scope: RuleScope = RuleScope.GLOBAL
    scope_id: UUID | None = None
    priority: Annotated[WholeNumber, Field(ge=-100, le=100)] = 0
    enabled: StrictBool = True
    max_fires_per_session: _Count = 0
    cooldown_turns: _Count = 0
    is_hard_constraint: StrictBool = False
    attached_tool_ids: _Labels = []
    attached_template_ids: _Ids = []


Design = Scenario | Rule
CONTENT_OF: dict[DesignKind, type[Scenario] | type[Rule]] = {DesignKind.SCENARIO: Scenario, DesignKind.RULE: Rule}


@dataclass(frozen=True, slots=True)
class DesignLimits:
    """How many scenarios and rules an agent may have. A rule for all scenarios holds in each, so what is required grows with the product."""

    scenarios: int = 500
    rules: int = 500

    def of(self, kind: DesignKind) -> int:
        """The limit for the kind."""
        return self.scenarios if kind is DesignKind.SCENARIO else self.rules


@dataclass(frozen=True, slots=True)
class Head:
    """Which version of a scenario or rule stands, and whose it is. A deleted one keeps its id and its versions."""

    kind: DesignKind
    id: UUID
    agent_id: UUID
    version: int
    created_at: datetime
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class Version:
    """One saved version. `content_hash` is the SHA-256 of the content's canonical bytes."""

    kind: DesignKind
    id: UUID
    agent_id: UUID
    version: int
    content: Design
    content_hash: str
    created_at: datetime
    saved_at: datetime
