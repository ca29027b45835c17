"""`factbook export history`."""

import hashlib
import sys

import typer

from factbook.cli.running import fail, remarks, tenant_named, with_database
from factbook.database.opening import OpenedDatabase
from factbook.database.pools import Database
from factbook.history import every_entry, head_of
from factbook.identity import customer_with_id
from factbook.kernel.canonical import canonical_line

group = typer.Typer(no_args_is_help=True)


@group.callback()
def exporting() -> None:
    """Write history out."""


@group.command()
def history(
    customer: str = typer.Argument(help="The customer's id."),
    tenant: str = typer.Option(..., "--tenant", help="Name of the tenant."),
    basis: int | None = typer.Option(None, min=0, help="Read as of this record number; now unless given."),
) -> None:
    """Write a customer's whole ledger to standard output, one canonical JSON line per entry, and its digest to standard error."""

    async def work(database: Database, _: OpenedDatabase) -> None:
        tenant_id = await tenant_named(database, tenant)
        sha256 = hashlib.sha256()
        async with database.reading(tenant_id) as connection:
            found = await customer_with_id(connection, tenant_id, customer)
            head = await head_of(connection, tenant_id)
            settled = head if basis is None else basis
            if settled > head:
                fail(f"basis {basis} lies in the future: the number of the last record is {head}")
            async for entry in every_entry(connection, tenant_id, found.id, settled):
                line = canonical_line(entry)
                sha256.update(line)
                sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
        remarks.print(f"basis {settled}, sha256 {sha256.hexdigest()}")

    with_database(work)
