"""`factbook migrate up | down | status`."""

from collections.abc import Callable

import typer

from factbook.app import database_place
from factbook.cli.running import fail, read_settings
from factbook.database.migrate import migrate_down, migrate_up, migration_status
from factbook.database.opening import OpenedDatabase, opened_database
from factbook.database.roles import prepare_roles
from factbook.database.unavailable import DatabaseUnavailable

group = typer.Typer(no_args_is_help=True)


@group.command()
def up() -> None:
    """Apply every migration that is missing."""
    _show(lambda opened: migrate_up(opened.urls, opened.role_secret))


@group.command()
def down(revision: str = typer.Argument("-1", help="How far: a revision, -1 for one step, or base for all.")) -> None:
    """Take migrations back, one step unless told otherwise. Derived data is dropped; `up` derives it again."""
    _show(lambda opened: migrate_down(opened.urls, revision))


@group.command()
def status() -> None:
    """Show the revision the schema is at and the newest one there is."""
    _show(lambda opened: prepare_roles(opened.urls, opened.role_secret))


def _show(step: Callable[[OpenedDatabase], None]) -> None:
    """Take the step, then print where the schema stands."""
    try:
        with opened_database(database_place(read_settings())) as opened:
            step(opened)
            found = migration_status(opened.urls)
    except DatabaseUnavailable as error:
        fail(str(error))
    typer.echo(f"at {found.current or 'nothing'}, newest {found.head}")
