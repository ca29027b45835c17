"""`factbook tenants create`."""

import typer

from factbook.access import create_tenant
from factbook.cli.running import fail, with_database

group = typer.Typer(no_args_is_help=True)


@group.callback()
def tenants() -> None:
    """The businesses that own the data."""


@group.command()
def create(name: str) -> None:
    """Create a tenant; doing it again is no error. Prints the tenant's id."""
    try:
        typer.echo(with_database(lambda database, _: create_tenant(database, name)))
    except ValueError as error:
        fail(str(error))
