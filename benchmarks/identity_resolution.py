"""Measures resolving a conversation among many customers against the bare look-up of its key in the index.

Half of the conversations are with a customer, half with nobody. What is compared takes turns on the same connection.
"""

import random
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from benchmarks.measuring import percentiles, ratio
from factbook.access import create_tenant
from factbook.conversations.answers import conversation_resolution
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel.ids import new_id

AT = datetime(2026, 1, 1, tzinfo=UTC)
CONVERSATIONS = 2000
_LOOK_UP = "SELECT id FROM customers WHERE tenant_id = $1 AND channel = $2 AND normalized_identifier = $3"


async def measure(urls: DatabaseUrls, customers: int, rounds: int) -> dict[str, Any]:
    """The figures of resolution at this number of customers."""
    database = await Database.open(urls, pool_size=1)
    try:
        tenant_id = await create_tenant(database, "resolution")
        conversations = await _fill(urls.admin, tenant_id, customers)
        whole, bare = await _in_turns(database, tenant_id, conversations, rounds)
    finally:
        await database.close()
    whole_figures, bare_figures = percentiles(whole), percentiles(bare)
    return {
        "customers": customers,
        "resolve": whole_figures,
        "bare_index_look_up": bare_figures,
        "resolve_to_bare_look_up": ratio(whole_figures["p50_us"], bare_figures["p50_us"]),
        "resolve_to_bare_look_up_p99": ratio(whole_figures["p99_us"], bare_figures["p99_us"]),
    }


async def _fill(admin_url: str, tenant_id: UUID, customers: int) -> list[tuple[UUID, str]]:
    """Customers with phone numbers, and conversations as `(id, normalized identifier)`."""
    draw = random.Random(1)
    numbers = [f"39{3_000_000_000 + draw.randrange(customers * 2)}" for _ in range(CONVERSATIONS)]
    conversations = [(new_id(), number) for number in numbers]
    loader = await asyncpg.connect(admin_url)
    try:
        await loader.execute("SET search_path = factbook")
        rows = ((tenant_id, new_id(), "whatsapp", f"39{3_000_000_000 + number * 2}", AT) for number in range(customers))
        await loader.copy_records_to_table("customers", records=rows)
        columns = ("tenant_id", "id", "channel", "customer_identifier", "normalized_identifier", "normalizer_version", "status", "variables")
        await loader.copy_records_to_table(
            "conversations",
            columns=(*columns, "created_at", "updated_at"),
            records=[(tenant_id, identity, "whatsapp", f"+{number}", number, 1, "open", "{}", AT, AT) for identity, number in conversations],
        )
        await loader.execute("VACUUM ANALYZE")
    finally:
        await loader.close()
    return conversations


async def _in_turns(database: Database, tenant_id: UUID, conversations: list[tuple[UUID, str]], rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of each whole resolution and of each bare look-up, after a warm-up of a tenth of the rounds."""
    whole: list[float] = []
    bare: list[float] = []
    for turn in range(-rounds // 10, rounds):
        conversation_id, number = conversations[turn % len(conversations)]
        began = time.perf_counter()
        await conversation_resolution(database, tenant_id, str(conversation_id))
        resolved = time.perf_counter() - began
        async with database.reading(tenant_id) as connection:
            began = time.perf_counter()
            await connection.fetch(_LOOK_UP, tenant_id, "whatsapp", number)
            looked_up = time.perf_counter() - began
        if turn >= 0:
            whole.append(resolved)
            bare.append(looked_up)
    return whole, bare
