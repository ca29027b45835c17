"""`factbook database url`."""

import typer

from factbook.cli.running import database_up
from factbook.database.urls import Role

group = typer.Typer(no_args_is_help=True)
_ROLES = {"owner": Role.OWNER, "writer": Role.WRITER, "reader": Role.READER, "queue": Role.QUEUE}


@group.callback()
def databases() -> None:
    """Where the database is."""


@group.command()
def url(role: str = typer.Option("reader", help="owner, writer, reader or queue.")) -> None:
    """Print the URL with which this role logs in. The embedded server answers as long as a service or command uses it."""
    if role not in _ROLES:
        raise typer.BadParameter(f"one of {', '.join(_ROLES)}", param_hint="--role")
    with database_up() as opened:
        typer.echo(opened.urls.of_role(_ROLES[role]))
