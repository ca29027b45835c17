"""What becomes of a run that failed: pauses that grow and stay apart, and reasons that hold nothing of anybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.jobs.model import Backoff, Ending, GivesUp, Outcome
from factbook.jobs.rules import REASON_LENGTH, ending_of_failure, has_lost_its_workers, pause_before, reason_of
from factbook.kernel.problems import NOT_FOUND

BACKOFFS = st.builds(
    Backoff,
    first_seconds=st.floats(0.01, 100),
    factor=st.floats(1, 10),
    most_seconds=st.floats(100, 10_000),
    jitter=st.floats(0, 1),
)
CHANCES = st.floats(0, 1)


@given(st.integers(1, 10_000), BACKOFFS, CHANCES)
def test_a_pause_is_never_longer_than_the_longest_nor_shorter_than_its_jitter_allows(attempt: int, backoff: Backoff, chance: float) -> None:
    pause = pause_before(attempt, backoff, chance)
    assert 0 <= pause <= backoff.most_seconds
    assert pause >= min(backoff.first_seconds, backoff.most_seconds) * (1 - backoff.jitter) * 0.999


@given(st.integers(1, 1000), BACKOFFS, CHANCES)
def test_a_later_pause_is_no_shorter_for_the_same_chance(attempt: int, backoff: Backoff, chance: float) -> None:
    assert pause_before(attempt + 1, backoff, chance) >= pause_before(attempt, backoff, chance)


@given(BACKOFFS.filter(lambda backoff: backoff.jitter > 0.01), CHANCES, CHANCES)
def test_jobs_that_failed_together_come_back_apart(backoff: Backoff, one: float, other: float) -> None:
    if abs(one - other) > 0.01:
        assert pause_before(1, backoff, one) != pause_before(1, backoff, other)


def test_pauses_grow_by_the_factor() -> None:
    backoff = Backoff(first_seconds=2, factor=3, most_seconds=100, jitter=0.5)
    assert [pause_before(attempt, backoff, 0) for attempt in range(1, 6)] == [2, 6, 18, 54, 100]
    assert [pause_before(attempt, backoff, 1) for attempt in range(1, 6)] == [1, 3, 9, 27, 50]


@pytest.mark.parametrize(("attempt", "outcome"), [(1, Outcome.RETRY), (5, Outcome.RETRY), (6, Outcome.FAILED), (7, Outcome.FAILED)])
def test_a_job_runs_once_and_as_often_again_as_it_has_retries(attempt: int, outcome: Outcome) -> None:
    assert ending_of_failure(ValueError(), attempt, 5, Backoff(), 0.5).outcome is outcome
    assert has_lost_its_workers(attempt, 5) == (attempt > 6)


def test_a_job_that_gives_up_fails_at_once() -> None:
    assert ending_of_failure(GivesUp("no use"), 1, 5, Backoff(), 0.5) == Ending(Outcome.FAILED)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (GivesUp("the scenario is gone"), "the scenario is gone"),
        (GivesUp(), "gave up"),
        (GivesUp("x" * 600), "x" * REASON_LENGTH),
        (NOT_FOUND.because("No such item."), "not_found: No such item."),
        (ValueError("ada@example.org"), "builtins.ValueError"),
        (KeyError("ada@example.org"), "builtins.KeyError"),
    ],
    ids=["its own words", "no words", "many words", "a problem", "a text", "a key"],
)
def test_the_reason_is_the_type_and_the_text_only_where_it_is_ours(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason
