"""The shapes of scenarios and rules on the wire: what a designer sends, and what comes back with version, hash and extraction."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from factbook.kernel.problems import REQUEST_INVALID, FieldError
from factbook.kernel.wire import StorableText, Timestamp, WholeNumber
from factbook.scenarios.extraction.model import Extraction
from factbook.scenarios.model import MOST_STEPS, Rule, Scenario, Step, Version

_ID = "11111111-0000-4000-8000-00000000000"
_EXAMPLE_SCENARIO: dict[str, Any] = {
    "name": "Refund",
    "description": "For customers over 18. Needs the order number and the reason.",
    "entry_step_id": f"{_ID}1",
    "steps": [
        {
            "id": f"{_ID}1",
            "name": "Identify the order",
            "collects_profile_fields": ["order_number"],
            "transitions": [{"to_step_id": f"{_ID}2", "condition_text": "The order is known", "condition_fields": ["order_number"]}],
        },
        {"id": f"{_ID}2", "name": "Pay back", "is_terminal": True},
    ],
}
_EXAMPLE_RULE: dict[str, Any] = {
    "name": "Large refunds",
    "condition_text": "The refund is above 500 euros",
    "action_text": "Ask for the approval code",
}
# What an answer carries and a request may repeat: it must agree with the path, or is the service's to say and not read.
_OWN_ID = Field(default=None, description="If given, the id in the path.")
_GIVEN_BACK = Field(default=None, description="As an answer gave it. Saving decides it anew, so it is not read.")


class StepRequest(Step):
    """A step as it is sent. `scenario_id`, if given, is the scenario's."""

    scenario_id: Annotated[UUID | None, _OWN_ID]

    def step(self) -> Step:
        """What is kept of it."""
        return Step.model_validate(self.model_dump(exclude={"scenario_id"}))


class ScenarioRequest(Scenario):
    """A scenario as a whole: what is not in it is not in the next version."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE_SCENARIO]})

    steps: Annotated[list[StepRequest], Field(default_factory=list, max_length=MOST_STEPS)]  # type: ignore[assignment]  # may name the scenario
    id: Annotated[UUID | None, _OWN_ID]
    version: Annotated[WholeNumber | None, _GIVEN_BACK]
    content_hash: Annotated[StorableText | None, Field(max_length=64), _GIVEN_BACK]

    def scenario(self, scenario_id: UUID) -> Scenario:
        """What is kept of it. A `request_invalid` problem where it names another scenario than the path."""
        named = {"id": self.id} | {f"steps[{index}].scenario_id": step.scenario_id for index, step in enumerate(self.steps)}
        _check_ids(named, scenario_id)
        given = self.model_dump(exclude={"id", "version", "content_hash", "steps"})
        return Scenario(steps=[step.step() for step in self.steps], **given)


class RuleRequest(Rule):
    """A rule as a whole: what is not in it is not in the next version."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE_RULE]})

    id: Annotated[UUID | None, _OWN_ID]
    version: Annotated[WholeNumber | None, _GIVEN_BACK]
    content_hash: Annotated[StorableText | None, Field(max_length=64), _GIVEN_BACK]

    def rule(self, rule_id: UUID) -> Rule:
        """What is kept of it. A `request_invalid` problem where it names another rule than the path."""
        _check_ids({"id": self.id}, rule_id)
        return Rule.model_validate(self.model_dump(exclude={"id", "version", "content_hash"}))


class StepAnswer(Step):
    """A step of a scenario."""

    scenario_id: UUID


class ScenarioAnswer(Scenario):
    """A scenario in one version. `extraction` says how far reading its text for requirements has come."""

    steps: list[StepAnswer]  # type: ignore[assignment]  # a step that names its scenario
    id: UUID
    agent_id: UUID
    version: int
    content_hash: str
    created_at: Timestamp
    updated_at: Timestamp
    extraction: Extraction

    @classmethod
    def of(cls, version: Version, extraction: Extraction) -> Self:
        """The version's shape."""
        written = version.content.model_dump()
        steps = [step | {"scenario_id": version.id} for step in written.pop("steps")]
        return cls.model_validate(written | {"steps": steps} | _record(version, extraction))


class RuleAnswer(Rule):
    """A rule in one version. `extraction` as for scenarios."""

    id: UUID
    agent_id: UUID
    version: int
    content_hash: str
    created_at: Timestamp
    updated_at: Timestamp
    extraction: Extraction

    @classmethod
    def of(cls, version: Version, extraction: Extraction) -> Self:
        """The version's shape."""
        return cls.model_validate(version.content.model_dump() | _record(version, extraction))


class ScenarioPage(BaseModel):
    """A page of an agent's scenarios, by name."""

    items: list[ScenarioAnswer]
    next_cursor: str | None


class RulePage(BaseModel):
    """A page of an agent's rules, by name."""

    items: list[RuleAnswer]
    next_cursor: str | None


def _record(version: Version, extraction: Extraction) -> dict[str, Any]:
    return {
        "id": version.id,
        "agent_id": version.agent_id,
        "version": version.version,
        "content_hash": version.content_hash,
        "created_at": version.created_at,
        "updated_at": version.saved_at,
        "extraction": extraction,
    }


def _check_ids(named: dict[str, UUID | None], expected: UUID) -> None:
    wrong = [FieldError(field, "must be the id in the path") for field, given in named.items() if given not in (None, expected)]
    if wrong:
        raise REQUEST_INVALID.because("Nothing was stored.", wrong)
