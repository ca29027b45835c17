"""Decides whether a scenario holds together, and tells everything that does not."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from factbook.kernel.problems import FieldError, ProblemKind
from factbook.scenarios.model import Scenario

SCENARIO_INVALID = ProblemKind("scenario_invalid", 422, "The scenario does not hold together")
FAULTS_SHOWN = 100


def whole_scenario(scenario: Scenario) -> Scenario:
    """The scenario with its entry step named and marked. Raises `scenario_invalid` with each fault under its path.

    Where no `entry_step_id` is given, the one step that is marked as the entry is meant.
    """
    marked = [step.id for step in scenario.steps if step.is_entry]
    entry = scenario.entry_step_id or (marked[0] if len(marked) == 1 else None)
    faults = [*_entry_faults(scenario, entry), *_step_faults(scenario), *_unreachable(scenario, entry)]
    if faults:
        left_out = f" The first {FAULTS_SHOWN} are listed." if len(faults) > FAULTS_SHOWN else ""
        raise SCENARIO_INVALID.because(f"Nothing was stored. Faults found: {len(faults)}.{left_out}", faults[:FAULTS_SHOWN])
    steps = [step.model_copy(update={"is_entry": step.id == entry}) for step in scenario.steps]
    return scenario.model_copy(update={"entry_step_id": entry, "steps": steps})


def _entry_faults(scenario: Scenario, entry: UUID | None) -> Iterator[FieldError]:
    if entry is None and scenario.steps:
        yield FieldError("entry_step_id", "say which step is the first")
    if entry is not None and entry not in {step.id for step in scenario.steps}:
        yield FieldError("entry_step_id", "no step of the scenario has this id")
    for index, step in enumerate(scenario.steps):
        if step.is_entry and step.id != entry and scenario.entry_step_id is not None:
            yield FieldError(f"steps[{index}].is_entry", "entry_step_id names another step")


def _step_faults(scenario: Scenario) -> Iterator[FieldError]:
    known: set[UUID] = set()
    targets = {step.id for step in scenario.steps}
    for index, step in enumerate(scenario.steps):
        if step.id in known:
            yield FieldError(f"steps[{index}].id", "an earlier step has the same id")
        known.add(step.id)
        for place, transition in enumerate(step.transitions):
            if transition.to_step_id not in targets:
                yield FieldError(f"steps[{index}].transitions[{place}].to_step_id", "no step of the scenario has this id")


def _unreachable(scenario: Scenario, entry: UUID | None) -> Iterator[FieldError]:
    ways: dict[UUID, list[UUID]] = {}
    for step in scenario.steps:
        ways.setdefault(step.id, []).extend(transition.to_step_id for transition in step.transitions)
    if entry not in ways:
        return  # told already, and everything would be out of reach
    reached = _reached_from([entry, *(step.id for step in scenario.steps if step.reachable_from_anywhere)], ways)
    for index, step in enumerate(scenario.steps):
        if step.id not in reached:
            yield FieldError(f"steps[{index}]", "no transition leads here; let one, or mark the step reachable_from_anywhere")


def _reached_from(starts: list[UUID], ways: Mapping[UUID, list[UUID]]) -> set[UUID]:
    reached: set[UUID] = set()
    ahead = list(starts)
    while ahead:
        here = ahead.pop()
        if here in ways and here not in reached:
            reached.add(here)
            ahead.extend(ways[here])
    return reached
