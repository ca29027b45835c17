"""Whether a scenario holds together, on random ones, against plain reckoning."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.kernel.problems import Problem
from factbook.scenarios.model import Scenario, Step, Transition
from factbook.scenarios.scenario_rules import whole_scenario

IDS = [UUID(int=number) for number in range(5)]


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    steps = [
        Step(
            id=draw(st.sampled_from(IDS)),
            name="step",
            transitions=[Transition(to_step_id=target) for target in draw(st.lists(st.sampled_from(IDS), max_size=3))],
            reachable_from_anywhere=draw(st.booleans()),
            is_entry=draw(st.booleans()),
        )
        for _ in range(draw(st.integers(0, 5)))
    ]
    return Scenario(name="random", entry_step_id=draw(st.sampled_from([None, *IDS])), steps=steps)


def reached(scenario: Scenario, entry: UUID | None) -> set[UUID]:
    """What can be reached, by going on until nothing is added."""
    found = {entry, *(step.id for step in scenario.steps if step.reachable_from_anywhere)}
    while True:
        more = found | {transition.to_step_id for step in scenario.steps if step.id in found for transition in step.transitions}
        if more == found:
            return {step_id for step_id in found if step_id is not None}
        found = more


def is_whole(scenario: Scenario) -> bool:
    """What the rules ask for, in other words."""
    ids = [step.id for step in scenario.steps]
    marked = [step.id for step in scenario.steps if step.is_entry]
    entry = scenario.entry_step_id if scenario.entry_step_id is not None else (marked[0] if len(marked) == 1 else None)
    if not scenario.steps:
        return entry is None
    return (
        entry in ids
        and len(set(ids)) == len(ids)
        and all(transition.to_step_id in ids for step in scenario.steps for transition in step.transitions)
        and (scenario.entry_step_id is None or set(marked) <= {entry})
        and set(ids) <= reached(scenario, entry)
    )


@given(scenarios())
def test_a_scenario_is_taken_exactly_if_it_holds_together_and_has_one_marked_entry_then(scenario: Scenario) -> None:
    if not is_whole(scenario):
        with pytest.raises(Problem) as refused:
            whole_scenario(scenario)
        assert (refused.value.kind.code, bool(refused.value.errors)) == ("scenario_invalid", True)
        return
    whole = whole_scenario(scenario)
    assert [step.id for step in whole.steps if step.is_entry] == ([whole.entry_step_id] if scenario.steps else [])
    assert whole_scenario(whole) == whole
