"""`factbook verify history | audit | personas`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

import typer

from factbook.access import tenant_ids
from factbook.audit import ChainVerdict, Head, read_line, verify_chain
from factbook.cli.progress import count_progress
from factbook.cli.running import fail, read_settings, tenant_named, with_database
from factbook.cli.signing import own_public_key
from factbook.database.opening import OpenedDatabase
from factbook.database.pools import Database
from factbook.history import HistoryVerdict, verify_history
from factbook.persona import PersonasVerdict, verify_personas

group = typer.Typer(no_args_is_help=True)


@group.callback()
def verifying() -> None:
    """Check that nothing was changed and that what is derived agrees with the truth."""


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


@group.command()
def audit(
    tenant: str | None = typer.Option(None, "--tenant", help="Name of one tenant; all tenants unless given."),
    heads: Path | None = typer.Option(None, "--heads", help="A file of `export audit-heads`: nothing up to these heads may have changed."),
    public_key: str | None = typer.Option(None, "--public-key", help="The key that signed the heads; this installation's unless given."),
) -> None:
    """Recompute the audit chain of every tenant. Exits with an error when an event was edited, removed, moved or inserted.

    The chain alone cannot tell that it was rewritten as a whole, or that its end was cut off together with its head: exported heads can.
    """
    exported = _exported_heads(heads, public_key) if heads else {}

    async def work(database: Database, _: OpenedDatabase) -> Sequence[tuple[UUID, ChainVerdict]]:
        known = await tenant_ids(database)
        wanted = known if tenant is None else [await tenant_named(database, tenant)]
        if gone := exported.keys() - set(known):
            fail(f"there is no such tenant any more, and the heads name it: {', '.join(sorted(map(str, gone)))}")
        verdicts: list[tuple[UUID, ChainVerdict]] = []
        with count_progress("Tenants") as progress:
            for number, tenant_id in enumerate(wanted, start=1):
                async with database.reading(tenant_id) as connection:
                    verdicts.append((tenant_id, await verify_chain(connection, tenant_id, exported.get(tenant_id, ()))))
                progress(number, len(wanted))
        return verdicts

    verdicts = with_database(work)
    for tenant_id, verdict in verdicts:
        state = "intact" if verdict.intact else f"NOT intact from event {verdict.first_broken} on"
        typer.echo(f"{tenant_id}: {verdict.events} events, head {verdict.head_sha256 or 'none'}, {state}")
    if not all(verdict.intact for _, verdict in verdicts):
        fail("an audit chain is broken; see the lines above")


def _exported_heads(path: Path, public_key: str | None) -> Mapping[UUID, Sequence[Head]]:
    """The heads in the file by tenant. The command ends at the first line that is none to rely on, naming it by number."""
    trusted = public_key or own_public_key(read_settings().data_dir)
    found: dict[UUID, list[Head]] = {}
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}")
    for number, line in enumerate(lines, start=1):
        try:
            exported = read_line(line, trusted)
        except ValueError as error:
            fail(f"{path}, line {number}: {error}")
        found.setdefault(exported.tenant_id, []).append(exported.head)
    if not found:
        fail(f"{path} holds no heads")
    return found


@group.command()
def personas() -> None:
    """Compute every persona of rules again and compare the bytes; of those of models check the inputs' hash and every quoted word. All tenants.

    Exits with an error when anything differed.
    """

    async def work(database: Database, _: OpenedDatabase) -> Sequence[PersonasVerdict]:
        tenants = await tenant_ids(database)
        verdicts: list[PersonasVerdict] = []
        for number, tenant_id in enumerate(tenants, start=1):
            with count_progress(f"Tenant {number} of {len(tenants)}: persons") as progress:
                verdicts.append(await verify_personas(database, tenant_id, progress))
        return verdicts

    verdicts = with_database(work)
    for fault in (fault for verdict in verdicts for fault in verdict.faults):
        typer.echo(fault)
    persons, rebuilt, checked = (sum(getattr(verdict, name) for verdict in verdicts) for name in ("persons", "rebuilt", "checked"))
    state = "intact" if all(verdict.intact for verdict in verdicts) else "NOT intact"
    typer.echo(f"{persons} persons: {rebuilt} personas rebuilt, {checked} of models or older rules checked, {state}")
    if state != "intact":
        fail("personas do not agree with their submissions; see the lines above")
