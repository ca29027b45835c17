"""A worker that hands over to an engine, with the process that runs for it, as the service puts them together."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, SecretStr

from factbook.access import create_tenant
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.jobs import Job
from factbook.jobs.hatchet.engine import Engine
from factbook.jobs.hatchet.model import EngineState
from factbook.jobs.hatchet.queries import engine_seen
from factbook.jobs.hatchet.relay import Pace, Relay
from factbook.jobs.hatchet.supervising import Patience, supervised
from factbook.jobs.queries import queue_state
from factbook.jobs.worker import Worker
from factbook.kernel.ids import new_id
from tests.jobs.hatchet.effects import count, registry
from tests.jobs.working import BRISK

Input = TypeVar("Input", bound=BaseModel)

# Short, so that nothing takes long: a run says three times in this time that it is alive.
SILENT_FOR_SECONDS = 6.0
_PATIENCE_SECONDS = 180.0  # for what takes some seconds on a machine with nothing else to do
PACE = Pace(again=SILENT_FOR_SECONDS, look=0.3, pause=0.3)
PATIENCE = Patience(ask=0.3, start=120.0, out_of_touch=6.0, first_pause=0.1, longest_pause=1.0, end=5.0)
_STANDS = "SELECT EXISTS (SELECT FROM queued_jobs WHERE tenant_id = $1 AND id = $2 AND state = $3)"


async def until(wanted: Callable[[], Awaitable[bool]], what: str) -> None:
    """Ask again and again; the test fails when it does not become true."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not await wanted():  # noqa: ASYNC110  # nobody tells unasked
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"waited in vain for {what}") from None


@dataclass
class System:
    """What runs: one worker, its relay, one process for the engine's runs."""

    database: Database
    urls: DatabaseUrls
    relay: Relay
    queued_without_engine: tuple[UUID, UUID] | None = None

    async def new_tenant(self) -> UUID:
        return await create_tenant(self.database, f"tenant {new_id()}")

    async def enqueue(self, tenant_id: UUID, what: Job[Input], job_input: Input) -> UUID:
        async with self.database.transaction(tenant_id) as connection:
            return await what.enqueue(connection, tenant_id, job_input)

    async def is_done(self, tenant_id: UUID, job_id: UUID) -> None:
        await self.becomes("done", tenant_id, job_id)

    async def becomes(self, state: str, tenant_id: UUID, job_id: UUID) -> None:
        """Wait until the job stands in the state."""

        async def stands() -> bool:
            async with self.database.reading(tenant_id) as connection:
                return bool(await connection.fetchval(_STANDS, tenant_id, job_id, state))

        await until(stands, f"the job to be {state}")

    async def has_begun(self, job_id: UUID, times: int = 1) -> None:
        async def begun() -> bool:
            return await self.count("begun", job_id) >= times

        await until(begun, f"the job to begin {times} times")

    async def count(self, table: str, job_id: UUID) -> int:
        return await asyncio.to_thread(count, self.urls, table, job_id)

    async def counts(self, tenant_id: UUID) -> tuple[int, int]:
        """How many jobs of the tenant are done, and how many have been begun."""
        async with self.database.reading(tenant_id) as connection:
            row = await connection.fetchrow(
                "SELECT count(*) FILTER (WHERE state = 'done'), count(*) FILTER (WHERE begun_at IS NOT NULL) FROM queued_jobs WHERE tenant_id = $1",
                tenant_id,
            )
        assert row is not None
        return row[0], row[1]

    async def has_done(self, tenant_id: UUID, jobs: int) -> None:
        """Wait until so many jobs of the tenant are done."""

        async def done() -> bool:
            return (await self.counts(tenant_id))[0] >= jobs

        await until(done, f"{jobs} jobs to be done")

    async def jobs_named(self, name: str, tenant_id: UUID, state: str | None = None) -> int:
        """How many jobs of this name the tenant has on record, in the state."""
        async with self.database.reading(tenant_id) as connection:
            query = "SELECT count(*) FROM queued_jobs WHERE tenant_id = $1 AND name = $2 AND ($3::text IS NULL OR state = $3)"
            found: int = await connection.fetchval(query, tenant_id, name, state)
        return found

    async def new_tenant_after_the_tick(self) -> UUID:
        """A tenant that was not there when workers ticked last: they will not tick again for a day."""

        async def has_ticked() -> bool:
            async with self.database.outside_tenants() as connection:
                return any(schedule.last_tick for schedule in (await queue_state(connection)).schedules)

        await until(has_ticked, "the workers' own tick")
        return await self.new_tenant()

    async def engine_is(self, state: EngineState) -> None:
        """Wait until workers are on record to have seen the engine so, and only so."""

        async def is_seen() -> bool:
            async with self.database.outside_tenants() as connection:
                return (await engine_seen(connection)).seen == {state}

        await until(is_seen, f"the engine to be {state}")


@asynccontextmanager
async def running_system(urls: DatabaseUrls, address: str, token: str) -> AsyncIterator[System]:
    """Everything that `factbook worker` runs for an engine, while the block lasts."""

    def command(port: int) -> list[str]:
        arguments = [address, token, urls.writer, urls.reader, str(SILENT_FOR_SECONDS), str(port)]
        return [sys.executable, "-m", "tests.jobs.hatchet.running_process", *arguments]

    database = await Database.open(urls, pool_size=10)
    relay = Relay(Engine(address, SecretStr(token), tls=False), database, urls.queue, PACE)
    worker = Worker(urls.queue, database, registry(), relay.hand_over, BRISK)
    async with relay.open(worker.id), supervised(relay, command, PATIENCE):
        working = asyncio.create_task(worker.run())
        try:
            yield System(database, urls, relay)
        finally:
            relay.stop()
            worker.stop()
            await working
    await database.close()
