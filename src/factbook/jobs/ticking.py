"""Ticking: when a schedule is due, its job is queued for every tenant, once, however many workers there are.

One worker ticks at a time. A tick is the instant at which a schedule was due by the database's clock, the same for all who look, and the record
has one job per tenant and tick. So a worker that dies in the middle leaves nothing undone and nothing twice: the next one goes through the
tenants again. A tick is noted once its last job is queued. Ticks that passed while no worker was there are made up for by the last of them.
"""

from datetime import datetime
from uuid import UUID

import structlog
from pgqueuer.ports.driver import Driver

from factbook.database.pools import Database
from factbook.jobs import queue_store, store
from factbook.jobs.declaring import Registry
from factbook.jobs.model import NoInput
from factbook.jobs.queries import tenant_ids
from factbook.jobs.ticks_rules import last_tick
from factbook.kernel import clock
from factbook.kernel.ids import new_id

log = structlog.get_logger()


async def tick(driver: Driver, registry: Registry, database: Database) -> None:
    """Queue what is due and has not been queued, unless another worker is at it."""
    if not await queue_store.may_tick(driver):
        return
    try:
        await queue_store.forget_schedules(driver, [name for name in registry.names if name not in registry.schedules])
        seen = await queue_store.clockwork(driver)
        for name, cron in registry.schedules.items():
            due = last_tick(cron, seen.now)
            if name not in seen.last_ticks or seen.last_ticks[name] < due:
                queued = await queue_for_all(database, name, due)
                await queue_store.note_tick(driver, name, cron, due)
                log.info("schedule_ticked", job=name, tick=clock.format_instant(due), jobs=queued)
    finally:
        await queue_store.has_ticked(driver)


async def queue_for_all(database: Database, name: str, due: datetime) -> int:
    """How many tenants had no job of this tick yet, and have one now."""
    async with database.outside_tenants() as connection:
        tenants = await tenant_ids(connection)
    return sum([await _queue_for(database, tenant_id, name, due) for tenant_id in tenants])


async def _queue_for(database: Database, tenant_id: UUID, name: str, due: datetime) -> bool:
    async with database.transaction(tenant_id) as connection:
        return await store.insert_job_of_tick(connection, tenant_id, new_id(), name, due, NoInput().model_dump_json(), clock.now())
