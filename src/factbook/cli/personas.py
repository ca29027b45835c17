"""`factbook migrate-personas`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from factbook.cli.progress import byte_progress, count_progress
from factbook.cli.running import fail, tenant_named, with_database
from factbook.database.opening import OpenedDatabase
from factbook.database.pools import Database
from factbook.persona import MigrationReport, SourceUnreadableError, migrate_personas, opened_source, take_back_personas

_SOURCE = typer.Argument(help="A DSN (postgresql://...) with a table personas, or a file that ends in .csv, .jsonl or .ndjson.")


def migrate(
    source: str = _SOURCE,
    tenant: str = typer.Option(..., "--tenant", help="Name of the tenant that gets the persons."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Find out what would be taken, and write nothing."),
    undo: bool = typer.Option(False, "--undo", help="Take back what came from this source and has not changed since."),
) -> None:
    """Bring in the old table of personas. Ids and times stay. Interrupted or repeated, it takes only what is missing."""
    if undo and dry_run:
        raise typer.BadParameter("--undo and --dry-run exclude each other", param_hint="--undo")

    async def work(database: Database, _: OpenedDatabase) -> MigrationReport:
        tenant_id = await tenant_named(database, tenant)
        async with opened_source(source) as opened:
            with _progress(opened.size, counts_bytes=opened.counts_bytes) as progress:
                if undo:
                    return await take_back_personas(database, tenant_id, opened, _tell, progress)
                return await migrate_personas(database, tenant_id, opened, _tell, progress, dry_run=dry_run)

    try:
        report = with_database(work)
    except SourceUnreadableError as error:
        fail(str(error))
    _show(report, "taken back" if undo else "would be taken" if dry_run else "taken")
    if not undo and not dry_run and report.read_digest != report.stored_digest:
        fail("what is stored is not what was read; nothing of the source was changed, and --undo takes back what is as it came")


@contextmanager
def _progress(size: int, *, counts_bytes: bool) -> Iterator[Callable[[int], None]]:
    if counts_bytes:
        with byte_progress("Reading personas", size) as progress:
            yield progress
    else:
        with count_progress("Reading personas") as counted:
            yield lambda done: counted(done, size)


def _tell(refusal: object) -> None:
    typer.echo(f"not taken: {refusal}")


def _show(report: MigrationReport, done: str) -> None:
    for reason, count in sorted(report.reasons.items()):
        typer.echo(f"not taken {count}: {reason}")
    typer.echo(f"before: {report.before}")
    typer.echo(f"after: {report.after}")
    if report.read_digest:
        stored = f", as stored {report.stored_digest:064x}" if report.stored_digest else ""
        typer.echo(f"sha256 of the rows as read {report.read_digest:064x}{stored}")
    typer.echo(f"read {report.read}, {done} {report.done}, unchanged {report.unchanged}, not taken {report.refused}")
