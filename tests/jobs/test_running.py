"""One run of a job: what it leaves on record, and that only one run of a job ever has an effect."""

import asyncio
import json
from uuid import UUID

import pytest
from pydantic import BaseModel

from factbook.database.pools import Connection, Database
from factbook.jobs import Backoff, Ending, FinishedElsewhere, GivesUp, Job, NoInput, Outcome, Registry, Run, job, run_job
from factbook.jobs.store import begin
from factbook.kernel import clock
from factbook.kernel.problems import NOT_FOUND
from tests.jobs.records import on_record, the_job

NO_JITTER = Backoff(first_seconds=4, factor=2, most_seconds=60, jitter=0)


class Mark(BaseModel):
    attempt: int


@job("mark", input=Mark)
async def leave(_: Mark, run: Run) -> None:
    """Is never run."""


async def queue_and_run(database: Database, tenant_id: UUID, what: Job[NoInput], times: int = 1) -> list[Ending]:
    async with database.transaction(tenant_id) as connection:
        job_id = await what.enqueue(connection, tenant_id, NoInput())
    return [await run_job(Registry([what]), {Database: database}, tenant_id, job_id) for _ in range(times)]


async def mark(connection: Connection, run: Run) -> None:
    """An effect that can be counted: a job of another name, keyless, on whose record the attempt stands."""
    await leave.enqueue(connection, run.tenant_id, Mark(attempt=run.attempt))


async def marks(database: Database, tenant_id: UUID) -> list[str]:
    """The attempts that had an effect."""
    return [str(json.loads(row["input"])["attempt"]) for row in await on_record(database, tenant_id) if row["name"] == "mark"]


async def test_a_body_that_returns_is_done(database: Database, tenant_id: UUID) -> None:
    @job("return", input=NoInput)
    async def returns(_: NoInput, run: Run) -> None:
        assert (run.tenant_id, run.attempt) == (tenant_id, 1)
        assert run.tool(Database) is database

    assert await queue_and_run(database, tenant_id, returns) == [Ending(Outcome.DONE)]
    row = await the_job(database, tenant_id)
    assert (row["state"], row["attempts"], row["reason"]) == ("done", 1, None)
    assert row["created_at"] <= row["begun_at"] <= row["finished_at"]


async def test_a_job_that_is_done_is_not_run_again(database: Database, tenant_id: UUID) -> None:
    runs = []

    @job("count", input=NoInput)
    async def count(_: NoInput, run: Run) -> None:
        runs.append(run.attempt)

    endings = await queue_and_run(database, tenant_id, count, times=3)
    assert [ending.outcome for ending in endings] == ["done", "finished_elsewhere", "finished_elsewhere"]
    assert runs == [1]


async def test_a_job_that_raises_waits_longer_each_time_and_fails_for_good_at_last(database: Database, tenant_id: UUID) -> None:
    @job("fail", input=NoInput, retries=3, backoff=NO_JITTER)
    async def fails(_: NoInput, run: Run) -> None:
        raise ZeroDivisionError("ada@example.org")

    endings = await queue_and_run(database, tenant_id, fails, times=5)
    assert endings == [
        *(Ending(Outcome.RETRY, seconds) for seconds in (4, 8, 16)),
        Ending(Outcome.FAILED),
        Ending(Outcome.FINISHED_ELSEWHERE),
    ]
    row = await the_job(database, tenant_id)
    assert (row["state"], row["attempts"], row["reason"]) == ("failed", 4, "builtins.ZeroDivisionError")


async def test_a_job_that_waits_for_another_run_is_due_after_the_pause(database: Database, tenant_id: UUID) -> None:
    @job("fail", input=NoInput, backoff=NO_JITTER)
    async def fails(_: NoInput, run: Run) -> None:
        raise NOT_FOUND.because("No such item.")

    await queue_and_run(database, tenant_id, fails)
    row = await the_job(database, tenant_id)
    assert (row["state"], row["reason"]) == ("waiting", "not_found: No such item.")
    assert (row["due_at"] - row["begun_at"]).total_seconds() >= 4


async def test_a_job_that_gives_up_is_not_tried_again(database: Database, tenant_id: UUID) -> None:
    @job("give_up", input=NoInput, retries=5)
    async def gives_up(_: NoInput, run: Run) -> None:
        raise GivesUp("the scenario is gone")

    assert await queue_and_run(database, tenant_id, gives_up) == [Ending(Outcome.FAILED)]
    row = await the_job(database, tenant_id)
    assert (row["state"], row["attempts"], row["reason"]) == ("failed", 1, "the scenario is gone")


async def test_an_input_that_this_version_cannot_read_fails_for_good_without_a_word_of_it(database: Database, tenant_id: UUID) -> None:
    class Newer(BaseModel):
        customer_id: UUID

    @job("read", input=Newer)
    async def reads(_: Newer, run: Run) -> None:
        raise AssertionError("it has no input to run with")

    @job("read", input=NoInput)
    async def read(_: NoInput, run: Run) -> None:
        """What queued it."""

    async with database.transaction(tenant_id) as connection:
        job_id = await read.enqueue(connection, tenant_id, NoInput())
    assert await run_job(Registry([reads]), {Database: database}, tenant_id, job_id) == Ending(Outcome.FAILED)
    assert (await the_job(database, tenant_id))["reason"] == "the input does not have the shape that this version of the job takes"


async def test_a_job_whose_workers_die_each_time_fails_in_the_end_without_being_run(database: Database, tenant_id: UUID) -> None:
    @job("kill", input=NoInput, retries=2)
    async def kills(_: NoInput, run: Run) -> None:
        raise AssertionError("it would kill this worker, too")

    async with database.transaction(tenant_id) as connection:
        job_id = await kills.enqueue(connection, tenant_id, NoInput())
    for _ in range(3):  # runs that ended without a word
        async with database.transaction(tenant_id) as connection:
            await begin(connection, tenant_id, job_id, clock.now())
    assert await run_job(Registry([kills]), {Database: database}, tenant_id, job_id) == Ending(Outcome.FAILED)
    assert (await the_job(database, tenant_id))["reason"] == "3 runs ended without a word: the workers died"


async def test_a_worker_without_the_tool_that_a_job_needs_puts_it_off(database: Database, tenant_id: UUID) -> None:
    @job("hammer", input=NoInput)
    async def hammers(_: NoInput, run: Run) -> None:
        run.tool(str)

    (ending,) = await queue_and_run(database, tenant_id, hammers)
    assert ending.outcome is Outcome.RETRY
    assert (await the_job(database, tenant_id))["reason"] == "builtins.LookupError"


async def test_the_effect_and_the_record_of_it_stand_together(database: Database, tenant_id: UUID) -> None:
    """What is raised inside takes both back."""

    @job("rename", input=NoInput)
    async def renames(_: NoInput, run: Run) -> None:
        async with run.finishing() as connection:
            await mark(connection, run)
            if run.attempt == 1:
                raise ZeroDivisionError

    endings = await queue_and_run(database, tenant_id, renames, times=2)
    assert [ending.outcome for ending in endings] == ["retry", "done"]
    assert await marks(database, tenant_id) == ["2"]


async def test_two_runs_of_one_job_at_once_have_one_effect(database: Database, tenant_id: UUID) -> None:
    together = asyncio.Barrier(2)

    @job("rename", input=NoInput)
    async def renames(_: NoInput, run: Run) -> None:
        await together.wait()
        async with run.finishing() as connection:
            await mark(connection, run)
            await asyncio.sleep(0.05)

    async with database.transaction(tenant_id) as connection:
        job_id = await renames.enqueue(connection, tenant_id, NoInput())
    endings = await asyncio.gather(*(run_job(Registry([renames]), {Database: database}, tenant_id, job_id) for _ in range(2)))
    assert sorted(ending.outcome for ending in endings) == ["done", "finished_elsewhere"]
    assert len(await marks(database, tenant_id)) == 1


async def test_a_run_that_fails_after_a_later_one_began_says_nothing(database: Database, tenant_id: UUID) -> None:
    begun, may_fail = asyncio.Event(), asyncio.Event()

    @job("linger", input=NoInput, retries=0)
    async def lingers(_: NoInput, run: Run) -> None:
        if run.attempt == 1:
            begun.set()
            await may_fail.wait()
            raise ZeroDivisionError

    @job("linger", input=NoInput, retries=5)
    async def returns(_: NoInput, run: Run) -> None:
        may_fail.set()
        ending = await first
        assert (ending.outcome, ending.is_over) == (Outcome.OVERTAKEN, False)  # this run, too, may end without a word

    async with database.transaction(tenant_id) as connection:
        job_id = await lingers.enqueue(connection, tenant_id, NoInput())
    first = asyncio.create_task(run_job(Registry([lingers]), {Database: database}, tenant_id, job_id))
    await begun.wait()
    assert await run_job(Registry([returns]), {Database: database}, tenant_id, job_id) == Ending(Outcome.DONE)
    assert (await the_job(database, tenant_id))["state"] == "done"


async def test_finishing_a_job_that_another_run_has_finished_raises_before_anything_is_done(database: Database, tenant_id: UUID) -> None:
    raised: list[BaseException] = []

    @job("rename", input=NoInput)
    async def renames(_: NoInput, run: Run) -> None:
        async with run.finishing() as connection:
            await mark(connection, run)
        try:
            async with run.finishing() as connection:
                await mark(connection, run)
        except FinishedElsewhere as error:
            raised.append(error)

    assert await queue_and_run(database, tenant_id, renames) == [Ending(Outcome.DONE)]
    assert len(raised) == 1
    assert await marks(database, tenant_id) == ["1"]


async def test_a_run_that_is_cancelled_gives_its_job_back_as_if_it_had_not_begun(database: Database, tenant_id: UUID) -> None:
    begun = asyncio.Event()

    @job("linger", input=NoInput)
    async def lingers(_: NoInput, run: Run) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with database.transaction(tenant_id) as connection:
        job_id = await lingers.enqueue(connection, tenant_id, NoInput())
    running = asyncio.create_task(run_job(Registry([lingers]), {Database: database}, tenant_id, job_id))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    row = await the_job(database, tenant_id)
    assert (row["state"], row["attempts"], row["reason"]) == ("waiting", 0, None)


async def test_a_job_that_raises_what_cancels_others_has_failed(database: Database, tenant_id: UUID) -> None:
    """Given back as if it had not begun, it would be picked again at once, for ever."""

    @job("cancel", input=NoInput)
    async def cancels(_: NoInput, run: Run) -> None:
        raise asyncio.CancelledError

    (ending,) = await queue_and_run(database, tenant_id, cancels)
    assert ending.outcome is Outcome.RETRY
    row = await the_job(database, tenant_id)
    assert (row["attempts"], row["reason"]) == (1, "asyncio.exceptions.CancelledError")


async def test_progress_stands_on_record_while_the_job_runs(database: Database, tenant_id: UUID) -> None:
    @job("walk", input=NoInput)
    async def walks(_: NoInput, run: Run) -> None:
        await run.progress(7, 20)
        row = await the_job(database, tenant_id)
        assert (row["state"], row["progress_done"], row["progress_total"]) == ("running", 7, 20)

    assert await queue_and_run(database, tenant_id, walks) == [Ending(Outcome.DONE)]
