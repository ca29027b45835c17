"""`factbook repair audit`."""

import typer

from factbook.access import tenant_ids
from factbook.cli.progress import count_progress
from factbook.cli.running import tenant_named, with_database
from factbook.conversations import restore_audit_events
from factbook.database.opening import OpenedDatabase
from factbook.database.pools import Database
from factbook.persona import restore_person_events

group = typer.Typer(no_args_is_help=True)


@group.callback()
def repairing() -> None:
    """Restore what can be restored."""


@group.command()
def audit(tenant: str | None = typer.Option(None, "--tenant", help="Name of one tenant; all tenants unless given.")) -> None:
    """Restore audit events that were lost when links were changed or persons erased or merged, out of what was recorded of it; none twice."""

    async def work(database: Database, _: OpenedDatabase) -> int:
        wanted = await tenant_ids(database) if tenant is None else [await tenant_named(database, tenant)]
        restored = 0
        with count_progress("Tenants") as progress:
            for number, tenant_id in enumerate(wanted, start=1):
                restored += await restore_audit_events(database, tenant_id) + await restore_person_events(database, tenant_id)
                progress(number, len(wanted))
        return restored

    typer.echo(f"restored {with_database(work)} audit events")
