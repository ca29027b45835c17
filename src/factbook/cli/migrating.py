"""`factbook migrate up | down | status`."""

import sys
from collections.abc import Callable

import typer

from factbook.cli.running import database_running, explained_schema_errors
from factbook.database.migrate import migrate_down, migrate_up, migration_status
from factbook.database.opening import OpenedDatabase
from factbook.database.roles import prepare_roles

group = typer.Typer(no_args_is_help=True)


@group.command()
def up() -> None:
    """Apply every migration that is missing."""
    _show(lambda opened: migrate_up(opened.urls, opened.role_secret))


# Without the setting, a revision that starts with a hyphen would be taken for an unknown option.
@group.command(context_settings={"ignore_unknown_options": True})
def down(revision: str = typer.Argument("-1", help="How far: a revision, -1 for one step, or base for all.")) -> None:
    """Take migrations back, one step unless told otherwise. Tables of the steps taken back are dropped; `up` fills again only what is derived.

    Asks first when a person is there to answer.
    """
    if sys.stdin.isatty():
        typer.confirm(f"Take the schema back ({revision}) and drop the tables that came with it?", abort=True, err=True)
    _show(lambda opened: migrate_down(opened.urls, revision))


@group.command()
def status() -> None:
    """Show the revision the schema is at and the newest one there is."""
    _show(lambda opened: prepare_roles(opened.urls, opened.role_secret))


def _show(step: Callable[[OpenedDatabase], None]) -> None:
    """Take the step, then print where the schema stands."""
    with database_running() as opened, explained_schema_errors():
        step(opened)
        found = migration_status(opened.urls)
    typer.echo(f"at {found.current or 'nothing'}, newest {found.head}")
