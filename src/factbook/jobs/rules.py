"""What becomes of a run that failed, how long the next one waits, and what is said about the failure. Pure: chance comes in as a number."""

from factbook.jobs.model import Backoff, Ending, GivesUp, Outcome
from factbook.kernel.problems import Problem

REASON_LENGTH = 500  # characters, as the column has it


def pause_before(attempt: int, backoff: Backoff, chance: float) -> float:
    """Seconds to wait after the `attempt`-th run failed. `chance` lies between 0 and 1."""
    try:
        whole = min(backoff.first_seconds * backoff.factor ** (attempt - 1), backoff.most_seconds)
    except OverflowError:
        whole = backoff.most_seconds
    return whole * (1 - backoff.jitter * chance)


def ending_of_failure(error: BaseException, attempt: int, retries: int, backoff: Backoff, chance: float) -> Ending:
    """Whether to try again after this failure, and when. The first run is no retry: a job runs at most `retries` + 1 times."""
    if isinstance(error, GivesUp) or attempt > retries:
        return Ending(Outcome.FAILED)
    return Ending(Outcome.RETRY, pause_before(attempt, backoff, chance))


def reason_of(error: BaseException) -> str:
    """What may be kept of a failure: its type, and the text only where it is ours. The text of any other error may hold anything."""
    if isinstance(error, GivesUp):
        return (str(error) or "gave up")[:REASON_LENGTH]
    if isinstance(error, Problem):
        return str(error)[:REASON_LENGTH]
    return f"{type(error).__module__}.{type(error).__qualname__}"[:REASON_LENGTH]


def has_lost_its_workers(attempt: int, retries: int) -> bool:
    """Whether the runs before this one used up every attempt without a word: their processes died, and the job may be why."""
    return attempt > retries + 1
