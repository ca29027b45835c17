"""Decides what a requirement rests on, and what its step is called. Pure."""

from collections.abc import Iterator, Sequence

from factbook.profile import RequirementOrigin, ScenarioFieldRequirement, review_state_of
from factbook.scenarios.model import Scenario, Step
from factbook.scenarios.overview.model import Basis, BasisKind, Found, RequirementLine


def line_of(requirement: ScenarioFieldRequirement, scenario: Scenario, found: Sequence[Found]) -> RequirementLine:
    """The requirement beside what it rests on. `found` holds the surest finding of each field and step first."""
    step = next((step.name for step in scenario.steps if step.id == requirement.step_id), None)
    return RequirementLine(requirement, review_state_of(requirement), step, _basis(requirement, scenario, found))


def _basis(requirement: ScenarioFieldRequirement, scenario: Scenario, found: Sequence[Found]) -> Basis:
    """As `needs_of_scenario` decides: what a list names counts before what was found beside it."""
    if requirement.origin is RequirementOrigin.MANUAL:
        return Basis(BasisKind.HAND)
    if requirement.rule_id is None and requirement.field_name in _listed(scenario.steps, requirement):
        return Basis(BasisKind.LIST)
    return next(
        (Basis(BasisKind.WORDS, each.finding, each.name if requirement.rule_id else None) for each in found if _is_of(requirement, each)), _UNKNOWN
    )


_UNKNOWN = Basis(BasisKind.UNKNOWN)


def _is_of(requirement: ScenarioFieldRequirement, found: Found) -> bool:
    if found.finding.field_name != requirement.field_name or found.design_id != (requirement.rule_id or requirement.scenario_id):
        return False
    return requirement.rule_id is not None or found.finding.step_id == requirement.step_id


def _listed(steps: Sequence[Step], requirement: ScenarioFieldRequirement) -> Iterator[str]:
    for step in steps:
        if step.id == requirement.step_id:
            yield from step.collects_profile_fields
            for transition in step.transitions:
                yield from transition.condition_fields
