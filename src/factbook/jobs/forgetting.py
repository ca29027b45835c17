"""Jobs that were done some days ago are forgotten; those that failed stay until they are retried."""

from dataclasses import dataclass
from datetime import timedelta

from factbook.database.pools import Database
from factbook.jobs import store
from factbook.jobs.declaring import job
from factbook.jobs.model import NoInput
from factbook.jobs.run import Run
from factbook.kernel import clock

_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Keeping:
    """How many days a job that is done stays on record; at least one."""

    days: int


@job("forget_done_jobs", input=NoInput, cron="41 * * * *")
async def forget_done_jobs(_: NoInput, run: Run) -> None:
    """Remove the tenant's jobs that were done before the days that are kept."""
    before = clock.now() - timedelta(days=run.tool(Keeping).days)
    forgotten = _AT_ONCE
    while forgotten == _AT_ONCE:
        async with run.tool(Database).transaction(run.tenant_id) as connection:
            forgotten = await store.forget_done(connection, before, _AT_ONCE)
