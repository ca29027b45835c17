"""Queueing: in the caller's transaction, once per key, and never so that a change made meanwhile is missed."""

import asyncio
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict

from factbook.access import create_tenant
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.jobs import Job, NoInput, Registry, Run, job, run_job
from factbook.kernel.ids import new_id
from tests.jobs.records import handed_out, on_record, the_job


class Letter(BaseModel):
    model_config = ConfigDict(frozen=True)

    customer_id: UUID


@job("send_letter", input=Letter)
async def send_letter(letter: Letter, run: Run) -> None:
    """Does nothing."""


@job("sort_letters", input=Letter, key=lambda letter: str(letter.customer_id))
async def sort_letters(letter: Letter, run: Run) -> None:
    """Does nothing."""


class Refused(Exception):
    pass


async def queued(database: Database, tenant_id: UUID, what: Job[Letter], letter: Letter) -> UUID:
    async with database.transaction(tenant_id) as connection:
        return await what.enqueue(connection, tenant_id, letter)


async def test_a_job_is_on_record_and_handed_out_once_the_transaction_commits(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    async with database.transaction(tenant_id) as connection:
        job_id = await send_letter.enqueue(connection, tenant_id, Letter(customer_id=tenant_id))
        assert await on_record(database, tenant_id) == []
        assert handed_out(urls, tenant_id) == []
    row = await the_job(database, tenant_id)
    assert (row["id"], row["name"], row["key"], row["state"], row["attempts"]) == (job_id, "send_letter", None, "waiting", 0)
    assert Letter.model_validate_json(row["input"]) == Letter(customer_id=tenant_id)
    assert [each["entrypoint"] for each in handed_out(urls, tenant_id)] == ["send_letter"]


async def test_a_job_never_was_when_the_transaction_rolls_back(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    async def is_refused_after_queueing() -> None:
        async with database.transaction(tenant_id) as connection:
            await send_letter.enqueue(connection, tenant_id, Letter(customer_id=tenant_id))
            raise Refused

    with pytest.raises(Refused):
        await is_refused_after_queueing()
    assert await on_record(database, tenant_id) == []
    assert handed_out(urls, tenant_id) == []


async def test_what_is_handed_out_holds_two_ids_and_nothing_else(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    job_id = await queued(database, tenant_id, send_letter, Letter(customer_id=new_id()))
    (row,) = handed_out(urls, tenant_id)
    assert row["payload"] == f"{tenant_id} {job_id}".encode()
    assert (row["headers"], row["dedupe_key"]) == (None, str(job_id))


async def test_a_job_of_a_key_that_waits_is_not_queued_twice(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    letter = Letter(customer_id=new_id())
    first = await queued(database, tenant_id, sort_letters, letter)
    assert await queued(database, tenant_id, sort_letters, letter) == first
    other = await queued(database, tenant_id, sort_letters, Letter(customer_id=new_id()))
    assert {row["id"] for row in await on_record(database, tenant_id)} == {first, other}
    assert len(handed_out(urls, tenant_id)) == 2


async def test_a_key_is_a_tenant_s_own(database: Database, tenant_id: UUID) -> None:
    letter = Letter(customer_id=new_id())
    other_tenant = await create_tenant(database, f"tenant {new_id()}")
    assert await queued(database, tenant_id, sort_letters, letter) != await queued(database, other_tenant, sort_letters, letter)


async def test_a_job_that_has_begun_does_not_stand_in_for_a_new_one(database: Database, tenant_id: UUID) -> None:
    """It may have read what the new one is about before that was there."""
    letter, seen = Letter(customer_id=new_id()), []

    @job("sort_letters", input=Letter, key=lambda letter: str(letter.customer_id))
    async def sort(letter: Letter, run: Run) -> None:
        seen.append(await queued(database, tenant_id, sort_letters, letter))

    first = await queued(database, tenant_id, sort_letters, letter)
    await run_job(Registry([sort]), {Database: database}, tenant_id, first)
    assert seen[0] != first
    assert [(row["id"], row["state"]) for row in await on_record(database, tenant_id)] == [(first, "done"), (seen[0], "waiting")]


async def test_a_job_that_stands_in_does_not_begin_before_the_change_it_stands_in_for_is_there(database: Database, tenant_id: UUID) -> None:
    letter, begun = Letter(customer_id=new_id()), asyncio.Event()

    @job("sort_letters", input=Letter)
    async def sort(letter: Letter, run: Run) -> None:
        begun.set()

    first = await queued(database, tenant_id, sort_letters, letter)
    async with database.transaction(tenant_id) as connection:
        assert await sort_letters.enqueue(connection, tenant_id, letter) == first
        running = asyncio.create_task(run_job(Registry([sort]), {Database: database}, tenant_id, first))
        await waiting_for_a_lock(database)
        assert not begun.is_set()
    await running
    assert begun.is_set()


async def waiting_for_a_lock(database: Database) -> None:
    """Return once some statement of this database waits for a row."""
    waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple'))"
    async with database.outside_tenants() as connection:
        while not await connection.fetchval(waiting):  # noqa: ASYNC110  # the server tells nobody
            await asyncio.sleep(0.01)


async def test_many_callers_that_queue_one_key_at_once_queue_one_job(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    letter = Letter(customer_id=new_id())
    ids = await asyncio.gather(*(queued(database, tenant_id, sort_letters, letter) for _ in range(16)))
    assert len(set(ids)) == 1
    assert len(handed_out(urls, tenant_id)) == 1


@pytest.mark.parametrize("name", ["", "Send", "send letter", "1st", "s" * 64, "send-letter"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name of a job"):
        job(name, input=NoInput)


def test_a_job_that_needs_an_input_cannot_be_scheduled() -> None:
    with pytest.raises(ValueError, match="gives no input"):
        job("send_letter", input=Letter, cron="* * * * *")
    with pytest.raises(ValueError, match="gives no input"):
        Registry([send_letter], {"send_letter": "* * * * *"})


def test_a_registry_refuses_two_jobs_of_one_name_and_what_is_no_schedule() -> None:
    @job("tidy", input=NoInput, cron="*/5 * * * *")
    async def tidy(_: NoInput, run: Run) -> None:
        """Does nothing."""

    with pytest.raises(ValueError, match="two jobs called tidy"):
        Registry([tidy, tidy])
    with pytest.raises(ValueError, match="no cron expression"):
        Registry([tidy], {"tidy": "every day"})
    with pytest.raises(LookupError, match="no job called sweep"):
        Registry([tidy], {"sweep": "* * * * *"})
    assert Registry([tidy]).schedules == {"tidy": "*/5 * * * *"}
    assert Registry([tidy], {"tidy": "0 3 * * *"}).schedules == {"tidy": "0 3 * * *"}
    assert Registry([tidy], {"tidy": ""}).schedules == {}
