"""Measures derivation chains of ten items among many fields, and holds that no plan reads a table from end to end."""

import json
import random
from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

import asyncpg

from benchmarks.measuring import percentiles, ratio
from benchmarks.profile_data import Tenant, make_tenant, vacuum
from benchmarks.profile_turns import at, in_turns
from factbook.database.pools import Connection, Database
from factbook.database.urls import DatabaseUrls
from factbook.profile.lineage import lineage_queries
from factbook.profile.lineage.lineage_queries import derivation_chain

DEPTH = 10
_WHOLE_PROFILE = 12
# Profiles beside those with whole ones: one chain each, every field derived from the one before. The ids are scattered over the keys, and so the
# steps of a chain over the table's pages, as in a table in which the steps were made at different times.
_CHAINS = """
    WITH founded AS (
        INSERT INTO customers SELECT $1, md5('customer ' || number)::uuid, 'api', 'chain ' || number, now() FROM generate_series(1, $2::int) AS number
        RETURNING tenant_id, id, normalized_identifier
    )
    INSERT INTO customer_profiles (tenant_id, id, customer_id, verification_level, version, created_at, updated_at)
    SELECT tenant_id, md5(normalized_identifier)::uuid, id, 'unverified', 1, now(), now() FROM founded
"""
_FIELDS = f"""
    INSERT INTO profile_fields (tenant_id, id, profile_id, name, value, value_salt, value_type, source, asserted_by, source_metadata,
                                verified, confidence, requires_confirmation, collected_at, updated_at, status, source_item_id, source_item_type)
    SELECT $1, md5(format('%s %s', number, step))::uuid, md5('chain ' || number)::uuid, 'step_' || step, to_json('value ' || step),
           uuid_send(gen_random_uuid()), 'string', 'system_inferred', 'system', '{{"rule": "measured"}}', false, 1, false, now(), now(), 'active',
           CASE WHEN step > 1 THEN md5(format('%s %s', number, step - 1))::uuid END, CASE WHEN step > 1 THEN 'profile_field' END
    FROM generate_series(1, {DEPTH}) AS step, generate_series(1, $2::int) AS number
"""


async def measure(urls: DatabaseUrls, fields: int, rounds: int) -> dict[str, Any]:
    """The figures of chains among so many fields."""
    database = await Database.open(urls, pool_size=1)
    try:
        tenant = await make_tenant(database, urls.admin, max(1, fields // 100))  # some that are no chains
        chains = (fields - len(tenant.customers) * _WHOLE_PROFILE) // DEPTH
        ends = await _make_chains(urls.admin, tenant.id, chains)
        figures = await _figures(database, urls, tenant, random.Random(1).sample(ends, min(len(ends), rounds)), rounds)
    finally:
        await database.close()
    return {"fields": chains * DEPTH + len(tenant.customers) * _WHOLE_PROFILE, "depth": DEPTH} | figures


async def _make_chains(admin_url: str, tenant_id: UUID, chains: int) -> list[UUID]:
    """The last field of each chain."""
    loader = await asyncpg.connect(admin_url)
    try:
        # What is made keeps every foreign key; looking each of a million up would take longer than all that is measured.
        await loader.execute("SET search_path = factbook; SET session_replication_role = replica")
        for statement in (_CHAINS, _FIELDS):
            await loader.execute(statement, tenant_id, chains)
        rows = await loader.fetch("SELECT id FROM profile_fields WHERE tenant_id = $1 AND name = $2 ORDER BY id", tenant_id, f"step_{DEPTH}")
    finally:
        await loader.close()
    await vacuum(admin_url)
    return [row["id"] for row in rows]


async def _figures(database: Database, urls: DatabaseUrls, tenant: Tenant, ends: list[UUID], rounds: int) -> dict[str, Any]:
    held = cast("Connection", await asyncpg.connect(urls.reader))
    await held.execute(f"SET factbook.tenant = '{tenant.id}'")

    async def bare(turn: int) -> object:
        return await held.fetch(lineage_queries._STATEMENT, tenant.id, at(ends, turn), None)

    async def on_held(turn: int) -> object:
        return await derivation_chain(held, tenant.id, at(ends, turn), None)

    async def through_pool(turn: int) -> object:
        async with database.reading(tenant.id) as connection:
            return await derivation_chain(connection, tenant.id, at(ends, turn), None)

    try:
        chain = await derivation_chain(held, tenant.id, ends[0], None)
        assert chain is not None
        assert len(chain.items) == DEPTH
        plans = [await _nodes_of_plan(held, tenant.id, ends[0], mode) for mode in ("force_custom_plan", "force_generic_plan")]
        statement, on_connection, reading = map(percentiles, await in_turns(rounds, bare, on_held, through_pool))
    finally:
        await held.close()
    assert not any("Seq Scan" in nodes for nodes in plans), "a table is read from end to end"
    return {
        "bare_statement": statement,
        "chain_on_held_connection": on_connection,
        "chain_through_pool": reading,
        "chain_to_bare_statement": ratio(on_connection["p50_us"], statement["p50_us"]),
        "through_pool_to_held_connection": ratio(reading["p50_us"], on_connection["p50_us"]),
        "nodes_of_custom_and_generic_plan": plans,
    }


async def _nodes_of_plan(connection: Connection, tenant_id: UUID, item_id: UUID, mode: str) -> list[str]:
    """The kinds of node in the plan of the very statement, planned with or without looking at its arguments."""
    await connection.execute(f"SET plan_cache_mode = {mode}")
    try:
        text = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {lineage_queries._STATEMENT}", tenant_id, item_id, None)
    finally:
        await connection.execute("RESET plan_cache_mode")
    return sorted(set(_nodes(json.loads(text)[0]["Plan"])))


def _nodes(plan: dict[str, Any]) -> Iterator[str]:
    yield plan["Node Type"]
    for below in plan.get("Plans", []):
        yield from _nodes(below)
