"""Running one job, whoever picked it: the local worker and any other runner call the same function.

A job may be handed out more than once, since workers die; and a worker that was thought dead may still be at it. So whoever finishes first has
done it, by one row that only one transaction can turn to done. What a run says of its own failure counts only while no later run has begun.
"""

import asyncio
import random
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Counter, Histogram
from pydantic import ValidationError

from factbook.database.pools import Database
from factbook.jobs import store
from factbook.jobs.declaring import Job, Registry
from factbook.jobs.model import BegunJob, Ending, FinishedElsewhere, GivesUp, Outcome
from factbook.jobs.rules import ending_of_failure, has_lost_its_workers, reason_of
from factbook.jobs.run import Run, Tools
from factbook.kernel import clock

RUNS = Counter("factbook_job_runs_total", "Runs of jobs, by job and how they ended.", ["job", "outcome"])
# Seconds. Most jobs take milliseconds, those that ask a model some seconds, those that go through a tenant minutes.
RUN_SECONDS = Histogram("factbook_job_run_seconds", "Time a run of a job took.", ["job"], buckets=(0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 1800))

_GIVE_BACK_SECONDS = 5
# After which a job that a later run has begun is handed out once more, should that run, too, end without a word.
_OVERTAKEN_SECONDS = 60.0

log = structlog.get_logger()


async def run_job(registry: Registry, tools: Tools, tenant_id: UUID, job_id: UUID) -> Ending:
    """Run the job once and put on record what became of it. `tools` holds at least the `Database`.

    What the job itself raises is on record when this returns. Raises only what kept the record from being written: the database is away. A run
    that is cancelled gives its job back first, as if it had not begun.
    """
    database: Database = tools[Database]
    # Lost in a crash, it never began: the run is cut off by the same crash, and handed out again.
    async with database.unhurried_transaction(tenant_id) as connection:
        begun = await store.begin(connection, tenant_id, job_id, clock.now())
    if begun is None:
        return Ending(Outcome.FINISHED_ELSEWHERE)
    job = registry.named(begun.name)
    started = time.perf_counter()
    try:
        ending = await _ending(job, begun, Run(tools, tenant_id, job_id, begun.attempt))
    except asyncio.CancelledError:
        await asyncio.wait_for(_give_back(database, tenant_id, job_id, begun.attempt), _GIVE_BACK_SECONDS)
        raise
    RUNS.labels(job.name, ending.outcome).inc()
    RUN_SECONDS.labels(job.name).observe(time.perf_counter() - started)
    return ending


async def _ending(job: Job[Any], begun: BegunJob, run: Run) -> Ending:
    facts = {"job": job.name, "tenant_id": str(run.tenant_id), "job_id": str(run.job_id), "attempt": run.attempt}
    try:
        if has_lost_its_workers(begun.attempt, job.retries):
            raise GivesUp(f"{job.retries + 1} runs ended without a word: the workers died")
        await job.body(_input_of(job, begun), run)
        if not run.is_finished:
            await _see_finished(run)
    except FinishedElsewhere:
        log.info("job_finished_elsewhere", **facts)
        return Ending(Outcome.FINISHED_ELSEWHERE)
    except (Exception, asyncio.CancelledError) as error:  # whatever a job raises is told, counted and kept on record
        if _is_being_cancelled(error):
            raise
        ending = await _record_failure(job, error, run)
        log.warning("job_run_failed", outcome=ending.outcome, exc_info=error, delay_seconds=round(ending.delay_seconds, 3), **facts)
        return ending
    log.info("job_done", **facts)
    return Ending(Outcome.DONE)


def _input_of(job: Job[Any], begun: BegunJob) -> Any:
    try:
        return job.input.model_validate(begun.input)
    except ValidationError:
        raise GivesUp("the input does not have the shape that this version of the job takes") from None


async def _see_finished(run: Run) -> None:
    """Finish the job for a body that did not do so itself. One that did, in a transaction of its own, is done already."""
    async with run.tool(Database).transaction(run.tenant_id) as connection:
        await store.finish(connection, run.tenant_id, run.job_id, clock.now())


def _is_being_cancelled(error: BaseException) -> bool:
    """Whether the run itself is cancelled. A job may also raise what cancels others: then it failed."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


async def _record_failure(job: Job[Any], error: BaseException, run: Run) -> Ending:
    ending = ending_of_failure(error, run.attempt, job.retries, job.backoff, random.random())  # noqa: S311  # spreads retries
    now = clock.now()
    async with run.tool(Database).transaction(run.tenant_id) as connection:
        if ending.outcome is Outcome.RETRY:
            due_at = now + timedelta(seconds=ending.delay_seconds)
            is_ours = await store.put_off(connection, run.tenant_id, run.job_id, run.attempt, reason_of(error), due_at)
        else:
            is_ours = await store.fail(connection, run.tenant_id, run.job_id, run.attempt, reason_of(error), now)
        if is_ours:
            return ending
        is_open = await store.is_open(connection, run.tenant_id, run.job_id)
    return Ending(Outcome.OVERTAKEN, _OVERTAKEN_SECONDS) if is_open else Ending(Outcome.FINISHED_ELSEWHERE)


async def _give_back(database: Database, tenant_id: UUID, job_id: UUID, attempt: int) -> None:
    async with database.transaction(tenant_id) as connection:
        await store.give_back(connection, tenant_id, job_id, attempt, clock.now())
