"""`factbook jobs list | retry`: what waits, runs or failed, and having what failed tried again."""

import sys
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Column, Table

from factbook.access import tenant_ids
from factbook.cli.running import fail, remarks, tenant_named, with_database
from factbook.database.opening import OpenedDatabase
from factbook.database.pools import Database
from factbook.jobs import JobState, QueuedJob, list_jobs, retry_failed_jobs
from factbook.kernel.clock import format_instant

group = typer.Typer(no_args_is_help=True)
_TENANT = typer.Option(None, "--tenant", help="Name of one tenant; all tenants unless given.")
_UUID_LENGTH = 36
_WIDE = 1000  # columns of a list that no person looks at, so that a program finds each job on one line
_UNFINISHED = (JobState.WAITING, JobState.RUNNING, JobState.FAILED)


@group.callback()
def queueing() -> None:
    """What is queued to be done later."""


@group.command("list")
def list_(
    tenant: str | None = _TENANT,
    state: JobState | None = typer.Option(None, help="Only jobs in this state; all that are not done unless given."),
    limit: int = typer.Option(100, min=1, max=10_000, help="Jobs per tenant, at most; the newest are shown."),
) -> None:
    """List jobs: what, for which tenant, in which state, tried how often, how far, and why it failed."""

    async def work(database: Database, _: OpenedDatabase) -> list[QueuedJob]:
        wanted = await tenant_ids(database) if tenant is None else [await tenant_named(database, tenant)]
        states = [state] if state is not None else _UNFINISHED
        return [each for tenant_id in wanted for each in await list_jobs(database, tenant_id, states, limit)]

    jobs = with_database(work)
    ids = (Column(name, min_width=_UUID_LENGTH) for name in ("id", "tenant"))
    table = Table(*ids, *(Column(name, overflow="fold") for name in ("job", "state", "attempts", "progress", "due", "reason")))
    for each in jobs:
        due = format_instant(each.finished_at or each.due_at)
        table.add_row(str(each.id), str(each.tenant_id), each.name, each.state, str(each.attempts), _progress(each), due, each.reason or "")
    Console(markup=False, width=None if sys.stdout.isatty() else _WIDE).print(table)


def _progress(shown: QueuedJob) -> str:
    of = "" if shown.progress_total is None else f" of {shown.progress_total}"
    return "" if shown.progress_done is None else f"{shown.progress_done}{of}"


@group.command()
def retry(
    job_id: UUID | None = typer.Argument(None, help="One job, by its id (see `jobs list`)."),
    all_: bool = typer.Option(False, "--all", help="All that failed."),
    tenant: str | None = _TENANT,
) -> None:
    """Have failed jobs tried again, with all their attempts before them. Prints how many it were."""
    if (job_id is None) != all_:
        raise typer.BadParameter("either the id of one job or --all", param_hint="JOB_ID")

    async def work(database: Database, _: OpenedDatabase) -> int:
        wanted = await tenant_ids(database) if tenant is None else [await tenant_named(database, tenant)]
        return sum([len(await retry_failed_jobs(database, tenant_id, job_id)) for tenant_id in wanted])

    count = with_database(work)
    if job_id is not None and not count:
        fail("no failed job has this id")
    remarks.print("Queued again.")
    typer.echo(f"{count} jobs")
