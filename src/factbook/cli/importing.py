"""`factbook import xes | ndjson`."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

import typer

from factbook.access import create_tenant, tenant_id_named
from factbook.cli.progress import byte_progress
from factbook.cli.running import fail, remarks, with_database
from factbook.database.opening import OpenedDatabase
from factbook.database.pools import Database
from factbook.history import FileUnreadable, ImportReport, Progress, TraceMapping, import_ndjson, import_xes

group = typer.Typer(no_args_is_help=True)

_FILE = typer.Argument(exists=True, dir_okay=False, readable=True, help="The file, plain or gzip.")
_TENANT = typer.Option(..., "--tenant", help="Name of the tenant; it is created when there is none.")


@group.command()
def xes(
    file: Path = _FILE,
    tenant: str = _TENANT,
    customer_key: str = typer.Option(..., help="Attribute of a trace, else of its first event, that names the customer."),
    activity_key: str = typer.Option("concept:name", help="Attribute of an event that names node and task."),
    resource_key: str = typer.Option("org:resource", help="Attribute of an event that names who did it."),
    timestamp_key: str = typer.Option("time:timestamp", help="Attribute of an event that says when."),
    job_key: str = typer.Option("concept:name", help="Attribute of a trace that names the job."),
    outcome_key: str = typer.Option("lifecycle:transition", help="Attribute of an event that says how it ended."),
    evidence_key: list[str] = typer.Option([], help="Attribute of an event to keep as evidence; may be given several times."),
    job_prefix: str = typer.Option("", help="Set before each job's id, ending in a colon, to keep logs with equal names apart."),
) -> None:
    """Turn an event log (IEEE XES) into customers, jobs, flows and truth. Interrupted or repeated, it adds only what is missing."""
    try:
        mapping = TraceMapping(customer_key, activity_key, resource_key, timestamp_key, job_key, outcome_key, tuple(evidence_key), job_prefix)
    except ValueError as error:
        fail(str(error))
    _import(file, tenant, lambda database, tenant_id, progress: import_xes(database, tenant_id, file, mapping, progress))


@group.command()
def ndjson(file: Path = _FILE, tenant: str = _TENANT) -> None:
    """Record the truth records of a file, one JSON object per line. Interrupted or repeated, it adds only what is missing."""
    _import(file, tenant, lambda database, tenant_id, progress: import_ndjson(database, tenant_id, file, progress))


def _import(file: Path, tenant: str, work: Callable[[Database, UUID, Progress], Awaitable[ImportReport]]) -> None:
    size = file.stat().st_size

    async def run(database: Database, _: OpenedDatabase) -> ImportReport:
        tenant_id = await tenant_id_named(database, tenant)
        if tenant_id is None:
            tenant_id = await create_tenant(database, tenant)
            remarks.print(f"Created tenant {tenant}.", markup=False)
        with byte_progress(f"Importing {file.name}", size) as progress:
            return await work(database, tenant_id, progress)

    try:
        _show(with_database(run))
    except (FileUnreadable, ValueError) as error:
        fail(str(error))


def _show(report: ImportReport) -> None:
    typer.echo(f"read {report.read}, recorded {report.recorded} records, unchanged {report.unchanged}, basis {report.basis}")
    for reason, count in sorted(report.skipped.items()):
        typer.echo(f"skipped {count} {reason}")
