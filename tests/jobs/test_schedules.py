"""Schedules: every tick is queued once for each tenant, however many workers there are and whenever one of them dies."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver

from factbook.access import create_tenant
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.jobs import NoInput, Registry, Run, job
from factbook.jobs.queries import queue_state
from factbook.jobs.queue_store import clockwork, may_tick, note_tick
from factbook.jobs.store import insert_job_of_tick
from factbook.jobs.ticking import tick
from factbook.jobs.ticks_rules import last_tick
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from tests.conftest import fresh_database
from tests.jobs.records import on_record
from tests.jobs.working import until, working

EVERY_SECOND = "* * * * * *"
EVERY_FIVE_MINUTES = "*/5 * * * *"


@pytest.fixture(scope="module")
def own_urls(server_url: str, template: str, worker_id: str) -> DatabaseUrls:
    """A database of this module's own: a schedule is for all tenants."""
    return fresh_database(server_url, template, f"schedules_{worker_id}")


@pytest.fixture
async def own(own_urls: DatabaseUrls) -> AsyncIterator[Database]:
    opened = await Database.open(own_urls, pool_size=10)
    yield opened
    await opened.close()


@pytest.fixture
async def tenants(own: Database) -> list[UUID]:
    """Three tenants that are new; those of earlier tests are there, too."""
    return [await create_tenant(own, f"tenant {new_id()}") for _ in range(3)]


@asynccontextmanager
async def queue_driver(urls: DatabaseUrls) -> AsyncIterator[AsyncpgDriver]:
    connection = await asyncpg.connect(urls.queue)
    try:
        yield AsyncpgDriver(connection)
    finally:
        await connection.close()


@job("tidy", input=NoInput, cron=EVERY_FIVE_MINUTES)
async def tidy(_: NoInput, run: Run) -> None:
    """Does nothing."""


async def ticks_of(database: Database, tenant_id: UUID) -> list[datetime]:
    return [row["tick"] for row in await on_record(database, tenant_id)]


async def test_each_tick_runs_once_for_each_tenant_over_several_workers(own: Database, own_urls: DatabaseUrls, tenants: list[UUID]) -> None:
    ran: Counter[UUID] = Counter()

    @job("count", input=NoInput, cron=EVERY_SECOND)
    async def counts(_: NoInput, run: Run) -> None:
        ran[run.job_id] += 1

    async with AsyncExitStack() as stack:
        for _ in range(5):
            await stack.enter_async_context(working(own, own_urls.queue, [counts]))

        async def three_ticks_are_done() -> bool:
            rows = [row for tenant_id in tenants for row in await on_record(own, tenant_id)]
            return [row["state"] for row in rows].count("done") >= 3 * len(tenants)

        await until(three_ticks_are_done, "three ticks")
    for tenant_id in tenants:
        rows = await on_record(own, tenant_id)
        assert len({row["tick"] for row in rows}) == len(rows) >= 3
        assert {ran[row["id"]] for row in rows if row["state"] == "done"} == {1}


async def test_a_tick_that_a_dead_worker_left_half_done_is_completed_and_nothing_is_queued_twice(
    own: Database, own_urls: DatabaseUrls, tenants: list[UUID]
) -> None:
    async with queue_driver(own_urls) as driver:
        due = last_tick(EVERY_FIVE_MINUTES, (await clockwork(driver)).now)
        async with own.transaction(tenants[1]) as connection:
            assert await insert_job_of_tick(connection, tenants[1], new_id(), "tidy", due, "{}", clock.now())
        await tick(driver, Registry([tidy]), own)
        assert [len(await ticks_of(own, tenant_id)) for tenant_id in tenants] == [1, 1, 1]
        await tick(driver, Registry([tidy]), own)
    assert [len(await ticks_of(own, tenant_id)) for tenant_id in tenants] == [1, 1, 1]


async def test_only_one_worker_ticks_at_a_time(own: Database, own_urls: DatabaseUrls, tenants: list[UUID]) -> None:
    @job("sweep", input=NoInput, cron=EVERY_FIVE_MINUTES)
    async def sweep(_: NoInput, run: Run) -> None:
        """Does nothing."""

    async with queue_driver(own_urls) as one, queue_driver(own_urls) as other:
        assert await may_tick(one)
        await tick(other, Registry([sweep]), own)
        assert await ticks_of(own, tenants[0]) == []
    async with queue_driver(own_urls) as other:  # the first one's connection has ended
        await tick(other, Registry([sweep]), own)
    assert len(await ticks_of(own, tenants[0])) == 1


async def test_ticks_that_passed_while_no_worker_was_there_are_made_up_for_once(own: Database, own_urls: DatabaseUrls, tenants: list[UUID]) -> None:
    @job("mend", input=NoInput, cron=EVERY_FIVE_MINUTES)
    async def mend(_: NoInput, run: Run) -> None:
        """Does nothing."""

    async with queue_driver(own_urls) as driver:
        before = await clockwork(driver)
        await note_tick(driver, "mend", EVERY_FIVE_MINUTES, last_tick(EVERY_FIVE_MINUTES, before.now - timedelta(hours=3)))
        await tick(driver, Registry([mend]), own)
        after = await clockwork(driver)
    (only,) = await ticks_of(own, tenants[0])
    assert last_tick(EVERY_FIVE_MINUTES, before.now) <= only <= after.now
    assert after.last_ticks["mend"] == only


async def test_the_last_tick_can_be_looked_up_and_a_schedule_that_is_switched_off_is_gone(own: Database, own_urls: DatabaseUrls) -> None:
    async with queue_driver(own_urls) as driver, own.outside_tenants() as connection:
        await tick(driver, Registry([tidy]), own)
        shown = {each.name: each for each in (await queue_state(connection)).schedules}
        assert shown["tidy"].cron == EVERY_FIVE_MINUTES
        assert shown["tidy"].last_tick == (await clockwork(driver)).last_ticks["tidy"]
        await tick(driver, Registry([tidy], {"tidy": ""}), own)
        assert "tidy" not in {each.name for each in (await queue_state(connection)).schedules}


@pytest.mark.parametrize(
    ("cron", "now", "due"),
    [
        (EVERY_FIVE_MINUTES, "12:05:00.000", "12:05:00"),
        (EVERY_FIVE_MINUTES, "12:04:59.999", "12:00:00"),
        (EVERY_FIVE_MINUTES, "12:09:59.999", "12:05:00"),
        ("* * * * * */2", "12:05:03.400", "12:05:02"),
        ("0 3 * * *", "12:05:00.000", "03:00:00"),
        ("@hourly", "12:05:00.000", "12:00:00"),
    ],
)
def test_a_schedule_was_due_last_at_or_before_now(cron: str, now: str, due: str) -> None:
    day = datetime(2026, 3, 1, tzinfo=UTC).date()
    at = datetime.combine(day, datetime.strptime(now, "%H:%M:%S.%f").time(), UTC)  # noqa: DTZ007  # joined with its zone
    assert last_tick(cron, at).time().isoformat() == due
    assert last_tick(cron, at).date() == day


def test_a_schedule_that_is_never_due_is_refused() -> None:
    with pytest.raises(ValueError, match="never due"):
        Registry([tidy], {"tidy": "0 0 31 2 *"})


async def test_a_tick_of_many_workers_at_the_same_moment_is_queued_once(own: Database, own_urls: DatabaseUrls, tenants: list[UUID]) -> None:
    """Even if two believed at once that they may tick: the record has one job per tenant and tick."""
    due = datetime(2026, 1, 1, tzinfo=UTC)

    async def queue() -> bool:
        async with own.transaction(tenants[0]) as connection:
            return await insert_job_of_tick(connection, tenants[0], new_id(), "sweep", due, "{}", clock.now())

    assert sorted(await asyncio.gather(*(queue() for _ in range(10)))) == [False] * 9 + [True]
