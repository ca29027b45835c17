"""`factbook verify history`."""

from collections.abc import Sequence

import typer

from factbook.access import tenant_ids
from factbook.cli.progress import count_progress
from factbook.cli.running import fail, tenant_named, with_database
from factbook.database.opening import OpenedDatabase
from factbook.database.pools import Database
from factbook.history import HistoryVerdict, verify_history

group = typer.Typer(no_args_is_help=True)


@group.callback()
def verifying() -> None:
    """Check that what is derived agrees with the truth."""


@group.command()
def history(tenant: str | None = typer.Option(None, "--tenant", help="Name of one tenant; all tenants unless given.")) -> None:
    """Recompute every ledger from truth alone, compare digests, then drop and rebuild the read model and compare again.

    Exits with an error when anything differed, also when the rebuild has repaired it.
    """

    async def work(database: Database, opened: OpenedDatabase) -> Sequence[HistoryVerdict]:
        wanted = await tenant_ids(database) if tenant is None else [await tenant_named(database, tenant)]
        verdicts: list[HistoryVerdict] = []
        for number, tenant_id in enumerate(wanted, start=1):
            with count_progress(f"Tenant {number} of {len(wanted)}: customers") as progress:
                verdicts.append(await verify_history(database, opened.urls.owner, tenant_id, progress))
        return verdicts

    verdicts = with_database(work)
    for verdict in verdicts:
        typer.echo(_line(verdict))
    if not all(verdict.intact for verdict in verdicts):
        fail("the history does not agree with the truth; see the lines above")


def _line(verdict: HistoryVerdict) -> str:
    found = f"basis {verdict.basis}: {verdict.customers} customers, {verdict.entries} entries"
    if verdict.intact:
        return f"{found}, intact"
    faults = {
        "ledgers differed": len(verdict.differing),
        "differ after the rebuild": len(verdict.differing_after_rebuild),
        "ledgers of customers without jobs": len(verdict.without_jobs),
        "wrong workflow names": verdict.wrong_names,
        "faults in the numbering": len(verdict.gaps),
    }
    return f"{found}, NOT intact: " + ", ".join(f"{count} {what}" for what, count in faults.items() if count)
