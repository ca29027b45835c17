"""`factbook keys create | list | revoke`."""

import sys
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Column, Table

from factbook.access import PrincipalKind, create_key, list_keys, parse_scopes, revoke_key
from factbook.cli.running import fail, remarks, tenant_named, with_database
from factbook.database.opening import OpenedDatabase
from factbook.database.pools import Database
from factbook.kernel.clock import format_instant

group = typer.Typer(no_args_is_help=True)
_TENANT = typer.Option(..., "--tenant", help="Name of the tenant.")
_UUID_LENGTH = 36
# Columns of a list that no person looks at: wide enough that a program finds each key on one line.
_WIDE = 1000


@group.command()
def create(
    tenant: str = _TENANT,
    kind: PrincipalKind = typer.Option(..., help="A named person, or a program."),
    name: str = typer.Option(..., help="Who will use the key; a second key of the same name belongs to the same principal."),
    scopes: str = typer.Option("", help="What it may do beyond reading: scopes with commas between, or all."),
) -> None:
    """Create a key. It is shown once, as the last line; only its hash is kept."""

    async def work(database: Database, _: OpenedDatabase) -> str:
        return await create_key(database, await tenant_named(database, tenant), kind, name, parse_scopes(scopes))

    try:
        key = with_database(work)
    except ValueError as error:
        fail(str(error))
    remarks.print("Keep this key now; it cannot be shown again:")
    typer.echo(key)


@group.command("list")
def list_(tenant: str = _TENANT) -> None:
    """List the tenant's keys: who, what they may do, since when, and whether they are revoked."""

    async def work(database: Database, _: OpenedDatabase) -> Table:
        # The id is what `revoke` takes, so it is shown whole however narrow the terminal.
        table = Table(
            Column("id", min_width=_UUID_LENGTH), *(Column(name, overflow="fold") for name in ("kind", "name", "scopes", "created", "revoked"))
        )
        for key in await list_keys(database, await tenant_named(database, tenant)):
            revoked = format_instant(key.revoked_at) if key.revoked_at else ""
            table.add_row(str(key.id), key.kind, key.name, ",".join(sorted(key.scopes)), format_instant(key.created_at), revoked)
        return table

    Console(markup=False, width=None if sys.stdout.isatty() else _WIDE).print(with_database(work))


@group.command()
def revoke(key_id: UUID, tenant: str = _TENANT) -> None:
    """Revoke a key by its id (see `keys list`). It stops working within a quarter of a second."""

    async def work(database: Database, _: OpenedDatabase) -> bool:
        return await revoke_key(database, await tenant_named(database, tenant), key_id)

    if not with_database(work):
        fail("this tenant has no such key")
    remarks.print("Revoked.")
