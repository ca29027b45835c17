"""Measures loading a profile in process: out of this process, out of Valkey, and from the database, each against the least that could be done."""

import asyncio
from typing import Any

import asyncpg
import redis.asyncio as redis_client
from prometheus_client import REGISTRY

from benchmarks.measuring import percentiles, ratio
from benchmarks.profile_data import Tenant
from benchmarks.profile_turns import at, in_batches, in_turns
from factbook.cache import Cache
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.profile.backend import Backend
from factbook.profile.document import customer_document, packed
from factbook.profile.finding import unwritten_profile_id
from factbook.profile.sealing.master_keys import MasterKeys

HITS, MISSES = "factbook_profile_cache_hits_total", "factbook_profile_cache_misses_total"
_BATCH = 100
# A cache believes the shared tier once it has listened for half a second.
SETTLING_SECONDS = 1.0
_STATEMENT = "SELECT * FROM profile_document($1, $2, $3, false)"


async def measure(database: Database, urls: DatabaseUrls, masters: MasterKeys, redis_url: str, tenant: Tenant, rounds: int) -> dict[str, Any]:
    """The figures of all three ways."""
    return {
        "cached_in_process": await _from_process(database, urls, masters, tenant, rounds),
        "cached_in_valkey": await _from_valkey(database, urls, masters, redis_url, tenant, min(rounds, len(tenant.customers) * 9 // 10)),
        "uncached": await _from_database(database, urls, masters, tenant, rounds),
    }


def tier_counts() -> dict[str, float]:
    """How many reads of profiles each tier has answered in this process so far; `database` are those that had to load."""
    return {
        "process": REGISTRY.get_sample_value(HITS, {"kind": "profile", "tier": "process"}) or 0.0,
        "shared": REGISTRY.get_sample_value(HITS, {"kind": "profile", "tier": "shared"}) or 0.0,
        "database": REGISTRY.get_sample_value(MISSES, {"kind": "profile"}) or 0.0,
    }


def shares(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """The share of each tier in the reads between two counts."""
    reads = sum(after.values()) - sum(before.values())
    return {tier: round((after[tier] - before[tier]) / reads, 4) for tier in after}


async def _from_process(database: Database, urls: DatabaseUrls, masters: MasterKeys, tenant: Tenant, rounds: int) -> dict[str, Any]:
    cache = await Cache.open(urls.reader, None)
    try:
        backend = Backend(database, masters, cache)
        customers = tenant.customers[:rounds]
        held = {customer: await customer_document(backend, tenant.id, customer) for customer in customers}

        async def cached(turn: int) -> object:
            return await customer_document(backend, tenant.id, at(customers, turn))

        async def bare(turn: int) -> object:
            return held[at(customers, turn)]

        before = tier_counts()
        (alone,) = await in_turns(rounds, cached)
        batched = await in_batches(max(20, rounds // 10), _BATCH, cached, bare)
        answered = shares(before, tier_counts())
    finally:
        await cache.close()
    in_batch, in_dictionary = map(percentiles, batched)
    return {
        "load": percentiles(alone),
        "answered_by": answered,
        "mean_of_100_loads": in_batch,
        "mean_of_100_bare_dictionary_hits": in_dictionary,
        "load_to_bare_dictionary_hit": ratio(in_batch["p50_us"], in_dictionary["p50_us"]),
    }


async def _from_valkey(database: Database, urls: DatabaseUrls, masters: MasterKeys, redis_url: str, tenant: Tenant, loads: int) -> dict[str, Any]:
    """One process loads and shares; another, that holds nothing itself, reads what was shared. The yardstick is a GET of the same bytes."""
    customers = tenant.customers[: loads + loads // 10]
    sharing, cold = await Cache.open(urls.reader, redis_url), await Cache.open(urls.reader, redis_url)
    client = redis_client.Redis.from_url(redis_url)
    try:
        await asyncio.sleep(SETTLING_SECONDS)
        for customer in customers:
            document = await customer_document(Backend(database, masters, sharing), tenant.id, customer)
            assert document is not None
            await client.set(f"bare:{customer}", packed(document))
        await asyncio.sleep(SETTLING_SECONDS)
        backend = Backend(database, masters, cold)

        async def shared(turn: int) -> object:
            return await customer_document(backend, tenant.id, at(customers, turn))

        async def bare(turn: int) -> object:
            return await client.get(f"bare:{at(customers, turn)}")

        before = tier_counts()
        # The warm-up takes the last tenth of the customers, the measured turns the others: each is read once, and so never out of the process.
        load, get = (percentiles(times) for times in await in_turns(loads, shared, bare))
        answered = shares(before, tier_counts())
    finally:
        await client.aclose()
        await sharing.close()
        await cold.close()
    return {"load": load, "answered_by": answered, "bare_get": get, "load_to_bare_get": ratio(load["p50_us"], get["p50_us"])}


async def _from_database(database: Database, urls: DatabaseUrls, masters: MasterKeys, tenant: Tenant, rounds: int) -> dict[str, Any]:
    backend = Backend(database, masters)
    held = await asyncpg.connect(urls.reader)
    # All over the table, so that no page is just at hand because its neighbour was read.
    customers = [tenant.customers[number * 7919 % len(tenant.customers)] for number in range(rounds)]
    unwritten = {customer: unwritten_profile_id(customer) for customer in customers}

    async def whole(turn: int) -> object:
        return await customer_document(backend, tenant.id, at(customers, turn))

    async def bare(turn: int) -> object:
        customer = at(customers, turn)
        return await held.fetchrow(_STATEMENT, tenant.id, customer, unwritten[customer])

    try:
        loads, statements = (percentiles(times) for times in await in_turns(rounds, whole, bare))
    finally:
        await held.close()
    return {
        "load": loads,
        "bare_statement": statements,
        "load_to_bare_statement": ratio(loads["p50_us"], statements["p50_us"]),
        "load_to_bare_statement_p99": ratio(loads["p99_us"], statements["p99_us"]),
    }
