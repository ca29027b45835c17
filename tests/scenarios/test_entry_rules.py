"""Whether a scenario may begin, or go on, with what is missing."""

import pytest

from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.profile import FallbackAction, MissingField, MissingReason, RequiredLevel, Review, ScenarioFieldRequirement
from factbook.scenarios.missing.entry_rules import Decision, Entry, entry, is_blocked

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
    ("missing", "decision"),
    [
        ([], Decision.ALLOW),
        ([lacks(SOFT, ASK), lacks(SOFT, SKIP), lacks(SOFT, BLOCK)], Decision.ALLOW),
        ([lacks(HARD, ASK)], Decision.ASK),
        ([lacks(HARD, EXTRACT)], Decision.ASK),
        ([lacks(HARD, ASK), lacks(SOFT, BLOCK)], Decision.ASK),
        ([lacks(SOFT), lacks(HARD, BLOCK)], Decision.BLOCK),
        ([lacks(HARD, ASK, flagged=True), lacks(HARD, BLOCK, flagged=True)], Decision.ALLOW),
        ([lacks(HARD, ASK, flagged=True, review=Review.ACCEPTED)], Decision.ASK),
    ],
    ids=["nothing", "soft", "hard to ask for", "hard to extract", "soft to block", "hard to block", "flagged", "accepted"],
)
def test_a_scenario_begins_when_nothing_hard_is_missing(missing: list[MissingField], decision: Decision) -> None:
    assert entry(missing) == Entry(decision, () if decision is Decision.ALLOW else ("reason",))
    assert is_blocked(missing) is (decision is Decision.BLOCK)
