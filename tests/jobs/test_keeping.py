"""What is done is forgotten after some days, what failed stays until it is tried again, and nobody forgets for another tenant."""

from datetime import timedelta
from uuid import UUID

import psycopg

from factbook.access import create_tenant
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.jobs import GivesUp, Job, JobState, Keeping, NoInput, Registry, Run, forget_done_jobs, job, list_jobs, retry_failed_jobs, run_job
from factbook.jobs.store import forget_done
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from tests.jobs.records import handed_out, on_record, the_job


@job("return", input=NoInput)
async def returns(_: NoInput, run: Run) -> None:
    """Is done."""


@job("give_up", input=NoInput)
async def gives_up(_: NoInput, run: Run) -> None:
    raise GivesUp("no use")


async def have_run(database: Database, tenant_id: UUID, what: Job[NoInput]) -> UUID:
    async with database.transaction(tenant_id) as connection:
        job_id = await what.enqueue(connection, tenant_id, NoInput())
    await run_job(Registry([returns, gives_up, forget_done_jobs]), {Database: database, Keeping: Keeping(days=3)}, tenant_id, job_id)
    return job_id


def age(urls: DatabaseUrls, tenant_id: UUID, days: int) -> None:
    """Let everything that the tenant has on record have ended so many days ago."""
    with psycopg.connect(urls.admin, autocommit=True) as admin:
        admin.execute(
            "UPDATE factbook.queued_jobs SET finished_at = finished_at - make_interval(days => %s) WHERE tenant_id = %s AND finished_at IS NOT NULL",
            (days, tenant_id),
        )


async def test_what_was_done_days_ago_is_forgotten_and_what_failed_stays(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    await have_run(database, tenant_id, returns)
    failed = await have_run(database, tenant_id, gives_up)
    age(urls, tenant_id, days=4)
    recent = await have_run(database, tenant_id, returns)
    forgetting = await have_run(database, tenant_id, forget_done_jobs)
    assert [row["id"] for row in await on_record(database, tenant_id)] == [failed, recent, forgetting]


async def test_nothing_is_forgotten_within_a_day_nor_of_another_tenant(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    other = await create_tenant(database, f"tenant {new_id()}")
    await have_run(database, tenant_id, returns)
    await have_run(database, other, returns)
    age(urls, other, days=30)
    async with database.transaction(tenant_id) as connection:
        assert await forget_done(connection, clock.now() + timedelta(days=1), 100) == 0
    assert len(await on_record(database, other)) == 1


async def test_a_failed_job_is_queued_again_with_all_its_attempts(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    failed = await have_run(database, tenant_id, gives_up)
    with psycopg.connect(urls.queue, autocommit=True) as gone:  # as a worker leaves it
        gone.execute("DELETE FROM factbook_queue.pgqueuer WHERE tenant_id = %s", (tenant_id,))
    assert await retry_failed_jobs(database, tenant_id, new_id()) == []
    assert await retry_failed_jobs(database, tenant_id, failed) == [failed]
    assert await retry_failed_jobs(database, tenant_id) == []
    row = await the_job(database, tenant_id)
    assert (row["state"], row["attempts"], row["finished_at"]) == ("waiting", 0, None)
    assert [each["dedupe_key"] for each in handed_out(urls, tenant_id)] == [str(failed)]


async def test_jobs_are_listed_newest_first_by_state(database: Database, tenant_id: UUID) -> None:
    first, second = await have_run(database, tenant_id, gives_up), await have_run(database, tenant_id, gives_up)
    await have_run(database, tenant_id, returns)
    assert [each.id for each in await list_jobs(database, tenant_id, [JobState.FAILED], 10)] == [second, first]
    assert [each.id for each in await list_jobs(database, tenant_id, [JobState.FAILED], 1)] == [second]
    (shown,) = await list_jobs(database, tenant_id, [JobState.DONE], 10)
    assert (shown.name, shown.state, shown.attempts) == ("return", JobState.DONE, 1)
