"""What a tenant has done later: a job that is done, one that waits, and one that was done long ago and is forgotten."""

from datetime import timedelta
from uuid import UUID

from factbook.database.pools import Database
from factbook.jobs import NoInput, Outcome, Registry, Run, job, run_job
from factbook.jobs.model import JobState
from factbook.jobs.queries import jobs_in_state
from factbook.jobs.store import forget_done
from factbook.kernel import clock
from tests.walls.telling import doing, expect


@job("chore", input=NoInput)
async def chore(_: NoInput, run: Run) -> None:
    """Finishes, and does nothing else."""
    async with run.finishing():
        pass


async def have_done_later(database: Database, tenant_id: UUID) -> None:
    """Queue two jobs, have one done, and forget what was done before the day began."""
    with doing("queue a job"):
        async with database.transaction(tenant_id) as connection:
            job_id = await chore.enqueue(connection, tenant_id, NoInput())
            waiting = await chore.enqueue(connection, tenant_id, NoInput())
    with doing("run a job"):
        ending = await run_job(Registry([chore]), {Database: database}, tenant_id, job_id)
        expect("how the job ended", ending.outcome, Outcome.DONE)
        async with database.reading(tenant_id) as connection:
            found = await jobs_in_state(connection, tenant_id, [JobState.WAITING], 1)
        expect("the job that waits", [each.id for each in found], [waiting])
    with doing("forget what was done"):
        async with database.transaction(tenant_id) as connection:
            expect("how many jobs of today are forgotten", await forget_done(connection, clock.now() + timedelta(days=1), 100), 0)
