"""What a job is on record and how a run of it can end. A job names what is to be done by ids; nothing of a person stands in it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class NoInput(BaseModel):
    """The input of a job that needs none: every scheduled job, which is about the whole tenant."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class JobState(StrEnum):
    """`running` is what a worker said when it began; whether that worker is still there, the queue knows."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before a job is tried again: `first_seconds`, then `factor` times as long each time, never above `most_seconds`.

    Of each pause a random part, up to the share `jitter`, is left out, so that jobs that failed together do not come back together.
    """

    first_seconds: float = 2.0
    factor: float = 3.0
    most_seconds: float = 900.0
    jitter: float = 0.5


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """A job as it stands on record."""

    tenant_id: UUID
    id: UUID
    name: str
    key: str | None
    tick: datetime | None
    state: JobState
    attempts: int
    reason: str | None
    progress_done: int | None
    progress_total: int | None
    created_at: datetime
    due_at: datetime
    begun_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class BegunJob:
    """What a run needs to know of its job. `attempt` counts from 1 and is this run's own number."""

    name: str
    input: Any
    attempt: int


class Outcome(StrEnum):
    """How a run ended. `finished_elsewhere`: another run finished the job before. `overtaken`: a later run has begun, which has the word now."""

    DONE = "done"
    RETRY = "retry"
    FAILED = "failed"
    FINISHED_ELSEWHERE = "finished_elsewhere"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a run. Unless the job is over, `delay_seconds` is how long to wait before it is handed out again."""

    outcome: Outcome
    delay_seconds: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to hand out."""
        return self.outcome not in (Outcome.RETRY, Outcome.OVERTAKEN)


class GivesUp(Exception):
    """Raised by a job that will never succeed, so that it is not tried again. The text becomes the reason on record: no personal data."""


class FinishedElsewhere(Exception):
    """Another run of the same job was quicker to finish it. What this one did in its transaction is taken back."""
