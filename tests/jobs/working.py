"""Workers of this process, for tests: they look often, so that nothing takes long, and are stopped at the end whatever happens."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

from factbook.database.pools import Database
from factbook.jobs import Job, Registry, run_job
from factbook.jobs.worker import Pace, Worker

PATIENCE_SECONDS = 60.0  # for what takes a moment on a machine with nothing else to do
BRISK = Pace(concurrency=4, heartbeat_seconds=2.0, house_seconds=0.1, drain_seconds=PATIENCE_SECONDS)


@asynccontextmanager
async def working(
    database: Database,
    queue_url: str,
    jobs: Iterable[Job[Any]],
    *,
    crons: dict[str, str] | None = None,
    pace: Pace = BRISK,
    tools: dict[type[Any], Any] | None = None,
) -> AsyncIterator[Worker]:
    """A worker that does these jobs while the block lasts."""
    registry = Registry(jobs, crons)
    worker = Worker(queue_url, database, registry, partial(run_job, registry, {Database: database, **(tools or {})}), pace)
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await running


async def until(wanted: Callable[[], Awaitable[bool]], what: str) -> None:
    """Ask again and again; the test fails when it does not become true."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await wanted():  # noqa: ASYNC110  # the database tells nobody unasked
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"waited in vain for {what}") from None


async def state_becomes(database: Database, tenant_id: UUID, job_id: UUID, state: str) -> None:
    """Wait until the job stands in the state."""

    async def stands() -> bool:
        async with database.reading(tenant_id) as connection:
            found: str | None = await connection.fetchval("SELECT state FROM queued_jobs WHERE tenant_id = $1 AND id = $2", tenant_id, job_id)
        return found == state

    await until(stands, f"the job to be {state}")
