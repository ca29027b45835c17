"""Random histories of readings and of what humans do between them: no word of a human is ever changed, and doing it again changes nothing."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from factbook.profile import RequiredLevel, RequirementOrigin, Review, ScenarioFieldRequirement
from factbook.scenarios.extraction.model import Need
from factbook.scenarios.extraction.settling_rules import is_by_hand, key_of, removed_unread, settle

TENANT, AGENT, SCENARIO = (UUID(int=number) for number in (1, 2, 3))
STEPS = [None, UUID(int=4), UUID(int=6)]
RULES = [None, UUID(int=5)]
NAMES = ["a", "b", "c"]
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)

places = st.tuples(st.sampled_from(STEPS), st.sampled_from(RULES), st.sampled_from(NAMES))
said = st.tuples(st.sampled_from(RequiredLevel), st.sampled_from([None, "x == 1"]), st.floats(0, 1), st.booleans())


def needs_from(found: Iterable[tuple[tuple[UUID | None, UUID | None, str], tuple[RequiredLevel, str | None, float, bool]]]) -> list[Need]:
    return [
        Need(SCENARIO, step, rule_id, name, level, condition, number, flagged, confidence)
        for number, ((step, rule_id, name), (level, condition, confidence, flagged)) in enumerate(found)
    ]


class SettlingLife(RuleBasedStateMachine):
    """Requirements of one scenario, read again and again, written, reviewed and removed by a human in between."""

    def __init__(self) -> None:
        super().__init__()
        self.standing: dict[UUID, ScenarioFieldRequirement] = {}
        self.of_humans: dict[UUID, ScenarioFieldRequirement] = {}
        self.now = BEGIN

    def later(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    @rule(found=st.lists(st.tuples(places, said), unique_by=lambda pair: pair[0]))
    def read(self, found: list[tuple[tuple[UUID | None, UUID | None, str], tuple[RequiredLevel, str | None, float, bool]]]) -> None:
        needs = needs_from(found)
        before = dict(self.standing)
        settlement = settle(TENANT, AGENT, needs, self.standing.values(), self.later())
        for requirement in settlement.removed:
            del self.standing[requirement.id]
        for requirement in settlement.saved:
            self.standing[requirement.id] = requirement

        again = settle(TENANT, AGENT, needs, self.standing.values(), self.later())
        assert (again.saved, again.removed) == ((), ())

        wanted = {need.key for need in needs}
        by_key = {key_of(requirement): requirement for requirement in self.standing.values()}
        assert wanted <= set(by_key), "what is needed is required"
        assert all(key in wanted or is_by_hand(requirement) for key, requirement in by_key.items()), "what is needed no more is not required"
        for need in needs:
            requirement = by_key[need.key]
            if not is_by_hand(requirement):
                assert (requirement.required_level, requirement.collection_order) == (need.required_level, need.collection_order)
                assert (requirement.needs_human_review, requirement.extraction_confidence) == (need.needs_human_review, need.extraction_confidence)
        kept = {key_of(requirement): requirement.id for requirement in before.values()}
        assert all(by_key[key].id == kept[key] for key in wanted & set(kept)), "what still holds keeps its id"

    @rule(found=st.lists(st.tuples(places, said), unique_by=lambda pair: pair[0]), steps=st.sets(st.sampled_from(STEPS[1:])))
    def save(self, found: list[tuple[tuple[UUID | None, UUID | None, str], tuple[RequiredLevel, str | None, float, bool]]], steps: set[UUID]) -> None:
        """A save decides what rules ask for, and which steps there are; what the text asks for waits for a reader."""
        needs = needs_from(each for each in found if each[0][0] in {None, *steps})
        before = dict(self.standing)
        settlement = settle(TENANT, AGENT, needs, self.standing.values(), self.later())
        for requirement in removed_unread(settlement, steps):
            del self.standing[requirement.id]
        for requirement in settlement.saved:
            self.standing[requirement.id] = requirement

        wanted = {need.key for need in needs}
        assert wanted <= {key_of(requirement) for requirement in self.standing.values()}, "what is needed is required"
        for requirement in self.standing.values():
            settled = key_of(requirement) in wanted or is_by_hand(requirement)
            assert settled or (requirement.rule_id is None and requirement.step_id in {None, *steps}), "no rule and no step asks for it any more"
        for requirement_id, requirement in before.items():
            waits = requirement.rule_id is None and requirement.step_id in {None, *steps}
            assert requirement_id in self.standing or not waits, "what a text may still ask for stays until it was read"

    @rule(place=places, level=st.sampled_from(RequiredLevel))
    def write(self, place: tuple[UUID | None, UUID | None, str], level: RequiredLevel) -> None:
        step, rule_id, name = place
        now = self.later()
        written = ScenarioFieldRequirement(
            tenant_id=TENANT,
            agent_id=AGENT,
            scenario_id=SCENARIO,
            step_id=step,
            rule_id=rule_id,
            field_name=name,
            required_level=level,
            origin=RequirementOrigin.MANUAL,
            created_at=now,
            updated_at=now,
        )
        standing = {key_of(requirement): requirement for requirement in self.standing.values()}.get(key_of(written), written)
        self._is_a_humans(written.model_copy(update={"id": standing.id, "created_at": standing.created_at}))

    @precondition(lambda self: self.standing)
    @rule(data=st.data(), decision=st.sampled_from(Review))
    def review(self, data: st.DataObject, decision: Review) -> None:
        chosen = data.draw(st.sampled_from(sorted(self.standing.values(), key=lambda each: each.id)))
        self._is_a_humans(chosen.model_copy(update={"review": decision, "needs_human_review": False}))

    @precondition(lambda self: self.standing)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(sorted(self.standing)))
        del self.standing[chosen]
        self.of_humans.pop(chosen, None)

    def _is_a_humans(self, requirement: ScenarioFieldRequirement) -> None:
        self.standing[requirement.id] = requirement
        self.of_humans[requirement.id] = requirement

    @invariant()
    def humans_words_stand(self) -> None:
        for requirement_id, requirement in self.of_humans.items():
            assert self.standing[requirement_id] == requirement

    @invariant()
    def nothing_is_there_twice(self) -> None:
        keys = [key_of(requirement) for requirement in self.standing.values()]
        assert len(set(keys)) == len(keys)


TestSettlingLife = SettlingLife.TestCase
TestSettlingLife.settings = settings(max_examples=60, stateful_step_count=20)
