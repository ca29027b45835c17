"""Measures marking ten thousand fields whose time is over, one in each of as many profiles, against one bare UPDATE of as many rows.

Once every profile that changes is announced, once nobody is told.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg

from benchmarks.measuring import ratio
from benchmarks.profile_data import Tenant
from benchmarks.profile_writing import telling_nobody
from factbook.cache import Cache
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.profile.backend import SYSTEM, Backend
from factbook.profile.lifecycle.operations import expire_stale_fields
from factbook.profile.sealing.master_keys import MasterKeys

_MAKE_DUE = """
    INSERT INTO profile_fields (tenant_id, id, profile_id, name, value, value_salt, value_type, source, asserted_by, source_metadata,
                                verified, confidence, requires_confirmation, collected_at, updated_at, status, expires_at)
    SELECT tenant_id, uuidv7(), id, 'one_time_code', '"123456"', uuid_send(gen_random_uuid()), 'string', 'tool_result', 'tool', '{}',
           false, 1, false, now(), now(), 'active', now() - interval '1 minute'
    FROM customer_profiles WHERE tenant_id = $1 ORDER BY id LIMIT $2
"""
_BARE = "UPDATE profile_fields SET status = 'expired', updated_at = now() WHERE tenant_id = $1 AND status = 'active' AND expires_at <= now()"
# What marks everything of the tenant that is due.
_Mark = Callable[[UUID], Awaitable[object]]


async def measure(database: Database, urls: DatabaseUrls, masters: MasterKeys, tenant: Tenant, fields: int) -> dict[str, Any]:
    """Rows per second of the operation, of the operation with a cache, and of the bare statement, each on rows of its own."""
    cache = await Cache.open(urls.reader, None)

    async def bare(tenant_id: UUID) -> None:
        async with database.transaction(tenant_id) as connection:
            await connection.execute(_BARE, tenant_id)

    async def marked(tenant_id: UUID) -> None:
        assert await expire_stale_fields(Backend(database, masters, telling_nobody(urls)), tenant_id, SYSTEM) == fields

    async def marked_and_announced(tenant_id: UUID) -> None:
        assert await expire_stale_fields(Backend(database, masters, cache), tenant_id, SYSTEM) == fields

    try:
        least, without, announced = [await _seconds(urls.admin, tenant.id, fields, mark) for mark in (bare, marked, marked_and_announced)]
    finally:
        await cache.close()
    return {
        "fields": fields,
        "bare_update_per_second": round(fields / least),
        "expire_per_second": round(fields / without),
        "expire_and_announce_per_second": round(fields / announced),
        "expire_to_bare_update": ratio(least, without),
        "expire_and_announce_to_expire": ratio(without, announced),
    }


async def _seconds(admin_url: str, tenant_id: UUID, fields: int, mark: _Mark) -> float:
    loader = await asyncpg.connect(admin_url)
    try:
        await loader.execute("SET search_path = factbook")
        await loader.execute(_MAKE_DUE, tenant_id, fields)
        await loader.execute("VACUUM ANALYZE profile_fields")
    finally:
        await loader.close()
    began = time.perf_counter()
    await mark(tenant_id)
    return time.perf_counter() - began
