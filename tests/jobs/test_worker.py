"""The worker: picks what is due, tries again after the pause, drains when it is stopped, and comes back when the database does."""

import asyncio
from functools import partial
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import psycopg
import pytest

from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.jobs import Backoff, Job, NoInput, Registry, Run, job, run_job
from factbook.jobs.worker import Pace, Worker
from tests.faults.proxy import proxy_to
from tests.jobs.records import handed_out, on_record, the_job
from tests.jobs.working import BRISK, state_becomes, until, working


async def queue(database: Database, tenant_id: UUID, what: Job[NoInput]) -> UUID:
    async with database.transaction(tenant_id) as connection:
        return await what.enqueue(connection, tenant_id, NoInput())


def unique(name: str, tenant_id: UUID) -> str:
    """A job's name that no other test's worker picks."""
    return f"{name}_{tenant_id.hex}"


async def nothing_is_handed_out(urls: DatabaseUrls, tenant_id: UUID) -> None:
    async def gone() -> bool:
        return await asyncio.to_thread(handed_out, urls, tenant_id) == []

    await until(gone, "the job to be off the queue")


async def test_a_worker_does_what_is_queued_before_and_after_it_came(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    done: list[UUID] = []

    @job(unique("do", tenant_id), input=NoInput)
    async def does(_: NoInput, run: Run) -> None:
        done.append(run.job_id)

    before = await queue(database, tenant_id, does)
    async with working(database, urls.queue, [does]):
        await state_becomes(database, tenant_id, before, "done")
        after = await queue(database, tenant_id, does)
        await state_becomes(database, tenant_id, after, "done")
    assert done == [before, after]
    await nothing_is_handed_out(urls, tenant_id)


async def test_a_job_that_fails_is_tried_again_and_kept_when_it_fails_for_good(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    attempts: list[int] = []

    @job(unique("fail", tenant_id), input=NoInput, retries=2, backoff=Backoff(first_seconds=0.05, factor=1))
    async def fails(_: NoInput, run: Run) -> None:
        attempts.append(run.attempt)
        raise ZeroDivisionError

    async with working(database, urls.queue, [fails]):
        job_id = await queue(database, tenant_id, fails)
        await state_becomes(database, tenant_id, job_id, "failed")
        await nothing_is_handed_out(urls, tenant_id)
    assert attempts == [1, 2, 3]
    assert (await the_job(database, tenant_id))["reason"] == "builtins.ZeroDivisionError"


async def test_a_worker_leaves_jobs_alone_that_it_does_not_know(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    @job(unique("known", tenant_id), input=NoInput)
    async def known(_: NoInput, run: Run) -> None:
        """Does nothing."""

    @job(unique("newer", tenant_id), input=NoInput)
    async def newer(_: NoInput, run: Run) -> None:
        """Is known to newer workers."""

    async with working(database, urls.queue, [known]):
        waits = await queue(database, tenant_id, newer)
        await state_becomes(database, tenant_id, await queue(database, tenant_id, known), "done")
    assert [row["dedupe_key"] for row in handed_out(urls, tenant_id)] == [str(waits)]


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_a_worker_runs_no_more_at_once_than_it_may(database: Database, urls: DatabaseUrls, tenant_id: UUID, concurrency: int) -> None:
    now, most, all_there = 0, 0, asyncio.Event()

    @job(unique("count", tenant_id), input=NoInput)
    async def counts(_: NoInput, run: Run) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        if now == concurrency:
            all_there.set()
        await all_there.wait()
        await asyncio.sleep(0.05)
        now -= 1

    ids = [await queue(database, tenant_id, counts) for _ in range(7)]
    async with working(database, urls.queue, [counts], pace=Pace(concurrency, 30.0, 0.1, 60.0)):
        for job_id in ids:
            await state_becomes(database, tenant_id, job_id, "done")
    assert most == concurrency


async def test_a_stopped_worker_lets_its_job_finish_and_takes_no_other(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    @job(unique("linger", tenant_id), input=NoInput)
    async def lingers(_: NoInput, run: Run) -> None:
        begun.set()
        await may_end.wait()

    async with working(database, urls.queue, [lingers]) as worker:
        first = await queue(database, tenant_id, lingers)
        await begun.wait()
        worker.stop()
        second = await queue(database, tenant_id, lingers)
        may_end.set()
    assert [(row["id"], row["state"]) for row in await on_record(database, tenant_id)] == [(first, "done"), (second, "waiting")]
    assert [row["dedupe_key"] for row in handed_out(urls, tenant_id)] == [str(second)]


async def test_a_job_that_does_not_finish_in_time_goes_back_as_if_it_had_not_begun(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    begun = asyncio.Event()

    @job(unique("linger", tenant_id), input=NoInput)
    async def lingers(_: NoInput, run: Run) -> None:
        if not begun.is_set():
            begun.set()
            await asyncio.Event().wait()

    async with working(database, urls.queue, [lingers], pace=Pace(4, 30.0, 0.1, drain_seconds=0.1)):
        job_id = await queue(database, tenant_id, lingers)
        await begun.wait()
    row = await the_job(database, tenant_id)
    assert (row["state"], row["attempts"]) == ("waiting", 0)
    assert [each["status"] for each in handed_out(urls, tenant_id)] == ["queued"]
    async with working(database, urls.queue, [lingers]):  # and not only when the first one counts as dead
        await state_becomes(database, tenant_id, job_id, "done")


async def test_a_worker_comes_back_when_its_connection_is_cut_and_loses_nothing(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    begun, may_end, runs = asyncio.Event(), asyncio.Event(), 0

    @job(unique("linger", tenant_id), input=NoInput)
    async def lingers(_: NoInput, run: Run) -> None:
        nonlocal runs
        runs += 1
        begun.set()
        await may_end.wait()

    parts = urlsplit(urls.queue)
    assert parts.hostname is not None
    assert parts.port is not None
    async with proxy_to(parts.hostname, parts.port) as proxy:
        through = urlunsplit(parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{proxy.port}"))
        async with working(database, through, [lingers], pace=BRISK):
            before = await queue(database, tenant_id, lingers)
            await begun.wait()
            connected = proxy.connections
            proxy.cut()
            after = await queue(database, tenant_id, lingers)

            async def is_connected() -> bool:
                return proxy.connections > connected

            await until(is_connected, "the worker to connect again")
            may_end.set()
            await state_becomes(database, tenant_id, before, "done")
            await state_becomes(database, tenant_id, after, "done")
            await nothing_is_handed_out(urls, tenant_id)


async def test_a_job_whose_worker_is_gone_is_picked_by_another(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    @job(unique("do", tenant_id), input=NoInput)
    async def does(_: NoInput, run: Run) -> None:
        """Does nothing."""

    job_id = await queue(database, tenant_id, does)
    with psycopg.connect(urls.queue, autocommit=True) as gone:
        gone.execute(
            "UPDATE factbook_queue.pgqueuer SET status = 'picked', queue_manager_id = gen_random_uuid(), heartbeat = now() WHERE tenant_id = %s",
            (tenant_id,),
        )
    async with working(database, urls.queue, [does]):
        await state_becomes(database, tenant_id, job_id, "done")


async def test_a_job_that_nobody_hands_out_any_more_is_found(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    @job(unique("do", tenant_id), input=NoInput)
    async def does(_: NoInput, run: Run) -> None:
        """Does nothing."""

    job_id = await queue(database, tenant_id, does)
    with psycopg.connect(urls.queue, autocommit=True) as losing:
        losing.execute("DELETE FROM factbook_queue.pgqueuer WHERE tenant_id = %s", (tenant_id,))
    async with database.transaction(tenant_id) as connection:
        await connection.execute("UPDATE queued_jobs SET due_at = now() - interval '3 minutes' WHERE tenant_id = $1", tenant_id)
    async with working(database, urls.queue, [does]):
        await state_becomes(database, tenant_id, job_id, "done")


async def test_what_pgqueuer_keeps_of_a_failure_says_nothing_of_it(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    @job(unique("fail", tenant_id), input=NoInput, retries=1, backoff=Backoff(first_seconds=0.01))
    async def fails(_: NoInput, run: Run) -> None:
        raise ValueError("ada@example.org")

    async with working(database, urls.queue, [fails]):
        await state_becomes(database, tenant_id, await queue(database, tenant_id, fails), "failed")
        await nothing_is_handed_out(urls, tenant_id)
    with psycopg.connect(urls.queue) as session:
        kept = session.execute("SELECT log::text FROM factbook_queue.pgqueuer_log AS log WHERE entrypoint = %s", (fails.name,)).fetchall()
    assert len(kept) > 2
    assert [line for (line,) in kept if "ada" in line or "ValueError" in line] == []


async def test_picking_waits_for_no_disk(database: Database, urls: DatabaseUrls) -> None:
    worker = Worker(urls.queue, database, Registry([]), partial(run_job, Registry([]), {}))
    async with worker._connected() as driver:
        assert [dict(row) for row in await driver.fetch("SHOW synchronous_commit")] == [{"synchronous_commit": "off"}]
