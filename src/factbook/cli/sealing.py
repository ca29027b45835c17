"""`factbook sealing rotate | status`."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from uuid import UUID

import typer

from factbook.access import tenant_ids
from factbook.cli.checking import master_keys_of
from factbook.cli.progress import count_progress
from factbook.cli.running import fail, read_settings, with_database
from factbook.database.opening import OpenedDatabase
from factbook.database.pools import Database
from factbook.profile.sealing.operations import MasterKeyMissing, MasterKeys, SealBroken, keys_under_master_keys, rewrap_all

group = typer.Typer(no_args_is_help=True)


@group.callback()
def sealing() -> None:
    """The keys under which values are encrypted."""


@group.command()
def rotate() -> None:
    """Wrap every customer's key under the first master key; no value is encrypted anew. Safe to interrupt and to run again.

    Afterwards the other master keys are needed no longer, once every running service has the first one in front, too.
    """

    async def work(database: Database, _: OpenedDatabase) -> tuple[int, str]:
        masters = master_keys_of(read_settings())
        tenants = await tenant_ids(database)
        wanted = sum(count for key_id, count in (await _counted(database, tenants)).items() if key_id != masters.first_id)
        done = 0
        with count_progress("Customer keys") as progress:
            for tenant_id in tenants:
                done += await rewrap_all(database, tenant_id, masters, partial(_added, progress, done, wanted))
        return done, masters.first_id

    try:
        done, first_id = with_database(work)
    except (MasterKeyMissing, SealBroken) as error:
        fail(str(error))
    typer.echo(f"wrapped {done} customer keys under the master key {first_id}")


@group.command()
def status() -> None:
    """Show how many customers' keys each master key wraps: the given ones in their order, then those that are needed and missing."""

    async def work(database: Database, _: OpenedDatabase) -> tuple[MasterKeys, Mapping[str, int]]:
        return master_keys_of(read_settings()), await _counted(database, await tenant_ids(database))

    masters, counted = with_database(work)
    for key_id in masters.ids:
        typer.echo(f"{key_id}: {counted.get(key_id, 0)} customer keys, {'wraps new ones' if key_id == masters.first_id else 'given'}")
    for key_id in sorted(counted.keys() - set(masters.ids)):
        typer.echo(f"{key_id}: {counted[key_id]} customer keys, MISSING")


def _added(progress: Callable[[int, int], None], before: int, wanted: int, done: int) -> None:
    progress(before + done, wanted)


async def _counted(database: Database, tenants: Sequence[UUID]) -> Mapping[str, int]:
    """How many customers' keys of all tenants each master key wraps, by its id."""
    counted: Counter[str] = Counter()
    for tenant_id in tenants:
        counted.update(await keys_under_master_keys(database, tenant_id))
    return counted
