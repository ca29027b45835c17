"""Measures what queueing a job adds to a write: a field of a profile is changed, alone and with a job queued in the same transaction, in turns."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel

from benchmarks.measuring import percentiles, ratio
from benchmarks.profile_data import make_tenant, new_value, vacuum
from benchmarks.profile_turns import at, in_turns
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.jobs import Run, job
from factbook.profile.backend import Actor, Backend
from factbook.profile.fields.operations import Terms, store_field
from factbook.profile.finding import held_profile
from factbook.profile.profiles_store import profile_of_customer
from factbook.profile.sealing.master_keys import MasterKeys
from factbook.profile.writing import changing

_CUSTOMERS = 64


class Changed(BaseModel):
    """What a job of this kind would be told."""

    profile_id: UUID


@job("follow", input=Changed)
async def follow(_: Changed, run: Run) -> None:
    """Is never run."""


@job("follow_once", input=Changed, key=lambda changed: str(changed.profile_id))
async def follow_once(_: Changed, run: Run) -> None:
    """Is never run, so that after the first round another one of its key waits."""


async def measure(urls: DatabaseUrls, masters: MasterKeys, writes: int) -> dict[str, Any]:
    """The write alone, with a job, and with a job of a key that waits already."""
    database = await Database.open(urls, pool_size=2)
    try:
        backend = Backend(database, masters)
        tenant = await make_tenant(database, urls.admin, _CUSTOMERS)
        async with database.reading(tenant.id) as connection:
            found = [await profile_of_customer(connection, tenant.id, customer) for customer in tenant.customers]
        profiles = [profile.id for profile in found if profile is not None]
        await vacuum(urls.admin)

        async def write(turn: int, *queued: Any) -> None:
            profile_id = at(profiles, turn)
            async with changing(backend, tenant.id, Actor.of(tenant.human)) as change:
                await store_field(change, await held_profile(change, profile_id), new_value(turn), Terms())
                for each in queued:
                    await each.enqueue(change.connection, tenant.id, Changed(profile_id=profile_id))

        alone, with_job, with_key = await in_turns(writes, write, lambda turn: write(turn, follow), lambda turn: write(turn, follow_once))
    finally:
        await database.close()
    figures = {"write": percentiles(alone), "write_and_queue": percentiles(with_job), "write_and_queue_what_waits": percentiles(with_key)}
    return figures | {
        "queueing_to_write": ratio(figures["write_and_queue"]["p50_us"], figures["write"]["p50_us"]),
        "queueing_what_waits_to_write": ratio(figures["write_and_queue_what_waits"]["p50_us"], figures["write"]["p50_us"]),
    }
