"""Declaring a job beside the function that does it, and queueing it in the transaction that makes it necessary."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from factbook.database.pools import Connection
from factbook.jobs import store
from factbook.jobs.model import Backoff, NoInput
from factbook.jobs.run import Run
from factbook.jobs.ticks_rules import last_tick
from factbook.kernel import clock
from factbook.kernel.ids import new_id

Input = TypeVar("Input", bound=BaseModel)
_BACKOFF = Backoff()
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Job(Generic[Input]):
    """Something that is done later, by whichever worker is free. `body` may run more than once; see `Run.finishing` for what happens once."""

    name: str
    body: Callable[[Input, Run], Awaitable[None]]
    input: type[Input]
    retries: int
    backoff: Backoff
    cron: str | None
    key: Callable[[Input], str] | None

    async def enqueue(self, connection: Connection, tenant_id: UUID, job_input: Input) -> UUID:
        """Queue the job in the caller's transaction, and return its id: it is there when that commits, and never was when that rolls back.

        With a key, a job of the same key that has not been begun stands in for the new one, and its id is returned.
        """
        key = self.key(job_input) if self.key is not None else None
        return await store.insert_job(connection, tenant_id, new_id(), self.name, key, job_input.model_dump_json(), clock.now())


def job(
    name: str,
    *,
    input: type[Input],  # noqa: A002  # the word for it, and a name of ours in the signature of every job
    retries: int = 5,
    backoff: Backoff = _BACKOFF,
    cron: str | None = None,
    key: Callable[[Input], str] | None = None,
) -> Callable[[Callable[[Input, Run], Awaitable[None]]], Job[Input]]:
    """Declare the function below as a job. `cron` has it queued for every tenant on a schedule, unless settings say otherwise.

    `ValueError` for what cannot be a job: a name that is none, or a schedule for a job that needs an input.
    """
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r} is no name of a job: small letters, digits and underscores, at most 63")
    if cron is not None and input is not NoInput:
        raise ValueError(f"{name} cannot be scheduled: a schedule gives no input")

    def declare(body: Callable[[Input, Run], Awaitable[None]]) -> Job[Input]:
        return Job(name, body, input, retries, backoff, cron, key)

    return declare


class Registry:
    """The jobs that a worker can do, and when the scheduled ones are due."""

    def __init__(self, jobs: Iterable[Job[Any]], crons: Mapping[str, str] | None = None) -> None:
        """`crons` replaces schedules by the names of their jobs; an empty text switches one off. `ValueError` says what cannot be."""
        self._jobs: dict[str, Job[Any]] = {}
        for each in jobs:
            if each.name in self._jobs:
                raise ValueError(f"there are two jobs called {each.name}")
            self._jobs[each.name] = each
        declared = {each.name: each.cron for each in self._jobs.values() if each.cron}
        for name in crons or {}:
            if self.named(name).input is not NoInput:
                raise ValueError(f"{name} cannot be scheduled: a schedule gives no input")
        self.schedules: Mapping[str, str] = {name: cron for name, cron in {**declared, **(crons or {})}.items() if cron}
        for name, cron in self.schedules.items():
            try:
                last_tick(cron, clock.now())
            except ValueError:
                raise ValueError(f"the schedule of {name} is no cron expression, or never due: {cron}") from None

    @property
    def names(self) -> list[str]:
        """The names of all jobs, sorted."""
        return sorted(self._jobs)

    def named(self, name: str) -> Job[Any]:
        """The job of this name. `LookupError` when there is none."""
        if name not in self._jobs:
            raise LookupError(f"there is no job called {name}")
        return self._jobs[name]
