"""Measures which tier answers when few customers are read often and many seldom: Zipf's law with an exponent of one.

Another process writes to one customer in every two hundred reads, by the same law, so that what is read most is written most.
"""

import asyncio
import random
import time
from itertools import accumulate
from typing import Any
from uuid import UUID

from benchmarks.measuring import percentiles
from benchmarks.profile_data import Tenant, new_value
from benchmarks.profile_loading import SETTLING_SECONDS, shares, tier_counts
from factbook.cache import Cache, Limits
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.profile.backend import Actor, Backend
from factbook.profile.document import customer_document
from factbook.profile.fields.operations import Terms, put_field
from factbook.profile.sealing.master_keys import MasterKeys

EXPONENT = 1.0
READS_PER_WRITE = 200


async def measure(
    database: Database, urls: DatabaseUrls, masters: MasterKeys, redis_url: str, tenant: Tenant, process_entries: int, reads: int
) -> dict[str, Any]:
    """The share of each tier from cold caches on, and once every customer has been read."""
    reading = await Cache.open(urls.reader, redis_url, Limits(entries=process_entries))
    writing = await Cache.open(urls.reader, redis_url)
    load = _Load(Backend(database, masters, reading), Backend(database, masters, writing), tenant)
    try:
        await asyncio.sleep(SETTLING_SECONDS)
        cold = await load.run(len(tenant.customers))
        for customer in tenant.customers:
            await customer_document(load.reader, tenant.id, customer)
        steady = await load.run(reads)
    finally:
        await reading.close()
        await writing.close()
    return {
        "customers": len(tenant.customers),
        "zipf_exponent": EXPONENT,
        "entries_in_process": process_entries,
        "reads_per_write": READS_PER_WRITE,
        "from_cold": cold,
        "once_all_were_read": steady,
    }


class _Load:
    """Readers and writers of one tenant's customers, drawn by their rank."""

    def __init__(self, reader: Backend, writer: Backend, tenant: Tenant) -> None:
        self.reader = reader
        self._writer = writer
        self._tenant = tenant
        self._draw = random.Random(1)
        self._by_rank = self._draw.sample(tenant.customers, len(tenant.customers))
        self._weights = list(accumulate(1 / rank**EXPONENT for rank in range(1, len(self._by_rank) + 1)))

    async def run(self, reads: int) -> dict[str, Any]:
        """So many reads, one after another, and the writes among them, whose time is not counted."""
        before, seconds = tier_counts(), []
        for number, customer in enumerate(self._drawn(reads), start=1):
            if number % READS_PER_WRITE == 0:
                (written,) = self._drawn(1)
                await put_field(self._writer, self._tenant.id, Actor.of(self._tenant.human), written, new_value(number), Terms())
            began = time.perf_counter()
            await customer_document(self.reader, self._tenant.id, customer)
            seconds.append(time.perf_counter() - began)
        answered = shares(before, tier_counts())
        return {"share": answered, "hit_rate": round(1 - answered["database"], 4), "read": percentiles(seconds)}

    def _drawn(self, customers: int) -> list[UUID]:
        return self._draw.choices(self._by_rank, cum_weights=self._weights, k=customers)
