"""Our jobs as Hatchet's tasks: each under its own name, with its retries, its pauses, its key, its share per tenant, and its schedule.

What a task raises goes to the engine, with every frame it passed through. So a task raises nothing but texts of ours, cut off from what caused
them; what really happened is on record with us and in our log.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from factbook.database.pools import Database
from factbook.jobs.declaring import Job, Registry
from factbook.jobs.hatchet import store
from factbook.jobs.hatchet.model import HandedOver, Tick
from factbook.jobs.model import Ending, Outcome
from factbook.jobs.run import Tools
from factbook.jobs.running import run_job
from factbook.jobs.ticking import queue_for_all
from factbook.jobs.ticks_rules import last_tick
from factbook.kernel import clock

if TYPE_CHECKING:
    from hatchet_sdk import Context, Hatchet
    from hatchet_sdk.runnables.workflow import BaseWorkflow

# A run says twice in this time that it is alive. One that says nothing for so long is given up by the engine and started anew.
SILENT_FOR = timedelta(minutes=2)
_SAYS_EVERY = timedelta(seconds=30)
# How long the engine keeps what nobody runs, and holds a key whose run it has lost sight of. The record with us outlasts both.
_KEPT_FOR = timedelta(days=1)
# Runs of one job at once for one tenant, over all workers: others get their turn while somebody has thousands waiting.
_SHARE_OF_A_TENANT = 20
# The dialect of schedules that the engine and we read alike.
_PLAIN_CRON = re.compile(r"[-0-9*/,]+( [-0-9*/,]+){4}")

log = structlog.get_logger()


def tick_name(name: str) -> str:
    """What the schedule of a job is called in the engine."""
    return f"{name}_tick"


def tasks_of(hatchet: "Hatchet", registry: Registry, silent_for: timedelta = SILENT_FOR) -> "list[BaseWorkflow[Any]]":
    """All tasks for a worker of the engine, whose lifespan gives the tools."""
    scheduled = {name: cron for name, cron in registry.schedules.items() if _PLAIN_CRON.fullmatch(cron)}
    return [
        *(_task_of(hatchet, registry, registry.named(name), silent_for) for name in registry.names),
        *(_tick_of(hatchet, name, cron) for name, cron in scheduled.items()),
    ]


def _task_of(hatchet: "Hatchet", registry: Registry, job: Job[Any], silent_for: timedelta) -> "BaseWorkflow[Any]":
    from hatchet_sdk import ConcurrencyExpression, ConcurrencyLimitStrategy, Context
    from hatchet_sdk.types.idempotency import StatusBasedIdempotencyConfig

    async def run(handed_over: HandedOver, context: Context) -> None:
        tools: Tools = context.lifespan
        try:
            async with _alive(tools[Database], handed_over, context, silent_for):
                ending = await run_job(registry, tools, handed_over.tenant_id, handed_over.job_id)
        except Exception as error:  # nothing that happened may reach the engine
            log.warning("job_run_not_recorded", tenant_id=str(handed_over.tenant_id), job_id=str(handed_over.job_id), exc_info=error)
            ending = Ending(Outcome.RETRY, job.backoff.first_seconds)
        _raise_for(ending)

    share = ConcurrencyExpression(
        expression="input.tenant_id", max_runs=_SHARE_OF_A_TENANT, limit_strategy=ConcurrencyLimitStrategy.GROUP_ROUND_ROBIN
    )
    return hatchet.task(
        name=job.name,
        input_validator=HandedOver,
        retries=job.retries,
        backoff_factor=job.backoff.factor,
        backoff_max_seconds=round(job.backoff.most_seconds),
        execution_timeout=silent_for,
        schedule_timeout=_KEPT_FOR,
        concurrency=[share],
        idempotency=StatusBasedIdempotencyConfig(key_expression="input.job_id", fallback_ttl=_KEPT_FOR),
    )(run)


def _raise_for(ending: Ending) -> None:
    """Tell the engine how the run ended: it tries again what is to be tried again, after the pause that was drawn for it."""
    from hatchet_sdk import NonRetryableException
    from hatchet_sdk.exceptions import RetryAfterException

    if ending.outcome is Outcome.RETRY:
        raise RetryAfterException("this run failed; the reason is on record in Factbook", after=timedelta(seconds=ending.delay_seconds)) from None
    if ending.outcome is Outcome.FAILED:
        raise NonRetryableException("the job failed for good; the reason is on record in Factbook") from None


def _tick_of(hatchet: "Hatchet", name: str, cron: str) -> "BaseWorkflow[Any]":
    """The schedule of a job. Its ticks are those that workers queue by themselves, so it makes no difference which of the two is quicker."""
    from hatchet_sdk import Context

    async def tick(_: Tick, context: Context) -> None:
        tools: Tools = context.lifespan
        try:
            await queue_for_all(tools[Database], name, last_tick(cron, clock.now()))
        except Exception as error:
            log.warning("tick_failed", job=name, exc_info=error)
            raise RuntimeError("the tick could not be queued") from None

    return hatchet.task(name=tick_name(name), input_validator=Tick, on_crons=[cron], retries=3, execution_timeout=SILENT_FOR)(tick)


@asynccontextmanager
async def _alive(database: Database, handed_over: HandedOver, context: "Context", silent_for: timedelta) -> AsyncIterator[None]:
    """Say again and again that somebody works on the job: here, so that it is not handed over anew, and to the engine, so that it is not given up."""
    every = min(_SAYS_EVERY, silent_for / 3)

    async def say() -> None:
        async with database.transaction(handed_over.tenant_id) as connection:
            await store.leave_to_engine(connection, handed_over.tenant_id, handed_over.job_id, clock.now() + silent_for)

    async def keep_saying() -> None:
        while True:
            await asyncio.sleep(every.total_seconds())
            try:
                await say()
            except Exception as error:  # a word that is lost is said again
                log.warning("job_not_kept_alive", job_id=str(handed_over.job_id), exc_info=error)
            await context.aio_refresh_timeout(every)

    await say()
    saying = asyncio.create_task(keep_saying())
    try:
        yield
    finally:
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)
