"""Measures `factbook verify history`: entries per second recomputed by the reference, compared, rebuilt and compared again."""

import time
from collections.abc import Callable
from typing import Any

from benchmarks.history_data import make_history
from benchmarks.measuring import ratio
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.history import every_entry, verify_history


async def measure(database: Callable[[str], DatabaseUrls], customers: int, jobs_per_customer: int) -> dict[str, Any]:
    """Verify one tenant, beside merely reading the same entries."""
    urls = database("verified")
    tenant = make_history(urls.admin, customers, jobs_per_customer)
    opened = await Database.open(urls, pool_size=2)
    try:
        began = time.perf_counter()
        verdict = await verify_history(opened, urls.owner, tenant.id, lambda _done, _of: None)
        seconds = time.perf_counter() - began
        began = time.perf_counter()
        async with opened.reading(tenant.id) as connection:
            for customer in tenant.customers:
                async for _ in every_entry(connection, tenant.id, customer, tenant.records):
                    pass
        reading_seconds = time.perf_counter() - began
    finally:
        await opened.close()
    assert verdict.intact
    return {
        "entries": verdict.entries,
        "customers": verdict.customers,
        "seconds": round(seconds, 1),
        "entries_per_second": round(verdict.entries / seconds),
        "time_to_merely_reading_them": ratio(seconds, reading_seconds),
    }
