"""`factbook export history | audit-heads`."""

import hashlib
import sys

import typer

from factbook.access import tenant_ids
from factbook.audit import head_of_chain, signed_line
from factbook.cli.running import fail, read_settings, remarks, tenant_named, with_database
from factbook.cli.signing import signing_key
from factbook.database.opening import OpenedDatabase
from factbook.database.pools import Database
from factbook.history import every_entry, head_of
from factbook.identity import customer_with_id
from factbook.kernel import clock
from factbook.kernel.canonical import canonical_line

group = typer.Typer(no_args_is_help=True)


@group.callback()
def exporting() -> None:
    """Write history and audit heads out."""


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


@group.command("audit-heads")
def audit_heads(tenant: str | None = typer.Option(None, "--tenant", help="Name of one tenant; all tenants unless given.")) -> None:
    """Write the signed head of each tenant's audit chain to standard output, one JSON line each. Keep them where the database cannot reach them.

    `factbook verify audit --heads FILE` checks later that no event up to them was changed or removed.
    """
    key = signing_key(read_settings().data_dir)

    async def work(database: Database, _: OpenedDatabase) -> int:
        written = 0
        for tenant_id in await tenant_ids(database) if tenant is None else [await tenant_named(database, tenant)]:
            async with database.reading(tenant_id) as connection:
                head = await head_of_chain(connection, tenant_id)
            if head is not None and head.sequence:  # a tenant of whom nothing was audited yet has no head
                sys.stdout.buffer.write(signed_line(key, tenant_id, head, clock.now()) + b"\n")
                written += 1
        sys.stdout.buffer.flush()
        return written

    remarks.print(f"{with_database(work)} heads, signed by the key {key.public_key().public_bytes_raw().hex()}")
