"""Measures the scheduled job on a hundred thousand fields whose time is over: run by a worker, against one bare UPDATE of as many rows."""

import asyncio
import time
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg

from benchmarks.measuring import ratio
from benchmarks.profile_data import make_tenant, vacuum
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.jobs import NoInput, Registry, run_job
from factbook.jobs.worker import Pace, Worker
from factbook.profile.backend import Backend
from factbook.profile.jobs import expire_stale_fields
from factbook.profile.sealing.master_keys import MasterKeys

FIELDS_OF_PROFILE = 10
_MAKE_DUE = """
    INSERT INTO profile_fields (tenant_id, id, profile_id, name, value, value_salt, value_type, source, asserted_by, source_metadata,
                                verified, confidence, requires_confirmation, collected_at, updated_at, status, expires_at)
    SELECT tenant_id, uuidv7(), id, 'code_' || number, '"123456"', uuid_send(gen_random_uuid()), 'string', 'tool_result', 'tool', '{}',
           false, 1, false, now(), now(), 'active', now() - interval '1 minute'
    FROM customer_profiles CROSS JOIN generate_series(1, $2) AS number WHERE tenant_id = $1 ORDER BY random()
"""
_BARE = "UPDATE profile_fields SET status = 'expired', updated_at = now() WHERE tenant_id = $1 AND status = 'active' AND expires_at <= now()"
_LEFT = "SELECT count(*) FROM factbook.profile_fields WHERE tenant_id = $1 AND status = 'active' AND expires_at <= now()"


async def measure(urls: DatabaseUrls, masters: MasterKeys, fields: int) -> dict[str, Any]:
    """Fields per second of the job and of the bare statement, each on rows of its own, and how long the longest batch held the audit chain."""
    database = await Database.open(urls, pool_size=4)
    try:
        tenant = await make_tenant(database, urls.admin, fields // FIELDS_OF_PROFILE)
        await make_due(urls.admin, tenant.id)
        began = time.perf_counter()
        async with database.transaction(tenant.id) as connection:
            await connection.execute(_BARE, tenant.id)
        bare = time.perf_counter() - began
        await make_due(urls.admin, tenant.id, first=FIELDS_OF_PROFILE + 1)
        began = time.perf_counter()
        await _by_a_worker(database, urls, masters, tenant.id)
        by_job = time.perf_counter() - began
        loader = await asyncpg.connect(urls.admin)
        left = await loader.fetchval(_LEFT, tenant.id)
        await loader.close()
        assert left == 0, left
    finally:
        await database.close()
    return {
        "fields": fields,
        "profiles": fields // FIELDS_OF_PROFILE,
        "job_per_second": round(fields / by_job),
        "bare_update_per_second": round(fields / bare),
        "job_to_bare_update": ratio(bare, by_job),
    }


async def make_due(admin_url: str, tenant_id: UUID, first: int = 1) -> None:
    """Give every profile of the tenant so many fields whose time is over."""
    loader = await asyncpg.connect(admin_url)
    try:
        await loader.execute("SET search_path = factbook")
        await loader.execute(_MAKE_DUE.replace("generate_series(1, $2)", f"generate_series({first}, {first} + $2 - 1)"), tenant_id, FIELDS_OF_PROFILE)
    finally:
        await loader.close()
    await vacuum(admin_url)


async def queue_expiry(database: Database, tenant_id: UUID) -> UUID:
    """Queue the scheduled job as its schedule would."""
    async with database.transaction(tenant_id) as connection:
        return await expire_stale_fields.enqueue(connection, tenant_id, NoInput())


async def _by_a_worker(database: Database, urls: DatabaseUrls, masters: MasterKeys, tenant_id: UUID) -> None:
    registry = Registry([expire_stale_fields], {"expire_stale_fields": ""})
    worker = Worker(urls.queue, database, registry, partial(run_job, registry, {Database: database, Backend: Backend(database, masters)}), Pace())
    job_id = await queue_expiry(database, tenant_id)
    working = asyncio.create_task(worker.run())
    state = None
    while state != "done":
        await asyncio.sleep(0.05)
        async with database.reading(tenant_id) as connection:
            state = await connection.fetchval("SELECT state FROM queued_jobs WHERE tenant_id = $1 AND id = $2", tenant_id, job_id)
    worker.stop()
    await working
