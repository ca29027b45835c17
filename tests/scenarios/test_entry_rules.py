"""Whether a scenario may begin, or go on, with what is missing."""

import pytest

from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.profile import FallbackAction, MissingField, MissingReason, RequiredLevel, Review, ScenarioFieldRequirement
from factbook.scenarios.missing.entry_rules import Move, entry, is_blocked

HARD, SOFT = RequiredLevel.HARD, RequiredLevel.SOFT
ASK, SKIP, BLOCK, EXTRACT = FallbackAction.ASK, FallbackAction.SKIP, FallbackAction.BLOCK, FallbackAction.EXTRACT


def lacks(level: RequiredLevel = HARD, action: FallbackAction = ASK, *, flagged: bool = False, review: Review | None = None) -> MissingField:
    """Something that is missing."""
    now = clock.now()
    requirement = ScenarioFieldRequirement(
        tenant_id=new_id(),
        agent_id=new_id(),
        scenario_id=new_id(),
        field_name="reason",
        required_level=level,
        fallback_action=action,
        needs_human_review=flagged,
        review=review,
        created_at=now,
        updated_at=now,
    )
    return MissingField(requirement, None, MissingReason.ABSENT)


@pytest.mark.parametrize(
    ("missing", "allowed", "blocked"),
    [
        ([], True, False),
        ([lacks(SOFT, ASK), lacks(SOFT, SKIP), lacks(SOFT, BLOCK)], True, False),
        ([lacks(HARD, ASK)], False, False),
        ([lacks(HARD, EXTRACT)], False, False),
        ([lacks(SOFT), lacks(HARD, BLOCK)], False, True),
        ([lacks(HARD, ASK, flagged=True), lacks(HARD, BLOCK, flagged=True)], True, False),
        ([lacks(HARD, ASK, flagged=True, review=Review.ACCEPTED)], False, False),
    ],
    ids=["nothing", "soft", "hard to ask for", "hard to extract", "hard to block", "flagged", "accepted"],
)
def test_a_scenario_begins_when_nothing_hard_is_missing(missing: list[MissingField], allowed: bool, blocked: bool) -> None:
    decided = entry(Move.START, missing)
    assert (decided.allowed, decided.blocked, is_blocked(missing)) == (allowed, blocked, blocked)
    assert list(decided.missing) == [each for each in missing if each.requirement.required_level is HARD]


def test_one_that_has_begun_goes_on_and_is_told() -> None:
    decided = entry(Move.CONTINUE, [lacks(HARD, BLOCK), lacks(SOFT)])
    assert (decided.allowed, decided.blocked, len(decided.missing)) == (True, True, 1)
