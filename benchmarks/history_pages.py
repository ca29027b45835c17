"""Measures a page of the ledger in process.

The whole answer against its bare SQL on the same connection, a deep page against the first, a large history against a small one, and the read model
against deriving the page at each reading. What is compared takes turns, so that a drift of the machine hits both alike.
"""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from benchmarks.history_data import ENTRIES_PER_JOB, RECORDS_PER_JOB, Tenant, make_history
from benchmarks.measuring import percentiles, ratio
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.history.ledger.answers import customer_ledger
from factbook.history.ledger.asking import Asked
from factbook.history.ledger.model import Selection

LIMIT = 50


class PageSizes(Protocol):
    """What of the sizes this measurement needs."""

    @property
    def customers(self) -> int: ...  # noqa: D102
    @property
    def small_customers(self) -> int: ...  # noqa: D102
    @property
    def jobs_per_customer(self) -> int: ...  # noqa: D102
    @property
    def rounds(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Subject:
    """A tenant, an open database, and the customer whose pages are read."""

    database: Database
    tenant: Tenant
    customer: UUID

    async def page(self, cursor: str | None = None) -> bytes:
        """The whole answer of the service, without HTTP."""
        return await customer_ledger(self.database, self.tenant.id, str(self.customer), Asked(Selection(), None, LIMIT, cursor))


# The page as one would write it by hand: the read model's rows in order, each as JSON.
_PAGE = """
    SELECT row_to_json(e)::text, e.at, e.type_order, e.job_id, e.record_id FROM {source} e
    WHERE e.tenant_id = $1 AND e.customer_id = $2 ORDER BY e.at, e.type_order, e.job_id, e.record_id LIMIT {limit}
"""


async def measure(database: Callable[[str], DatabaseUrls], sizes: PageSizes) -> dict[str, Any]:
    """The figures of all page measurements."""
    large = await _subject(database("pages_large"), sizes.customers, sizes.jobs_per_customer)
    small = await _subject(database("pages_small"), sizes.small_customers, sizes.jobs_per_customer)
    try:
        return await _figures(large, small, sizes.rounds)
    finally:
        await large.database.close()
        await small.database.close()


async def _subject(urls: DatabaseUrls, customers: int, jobs_per_customer: int) -> Subject:
    tenant = make_history(urls.admin, customers, jobs_per_customer)
    return Subject(await Database.open(urls, pool_size=1), tenant, tenant.customers[customers // 2])


async def _figures(large: Subject, small: Subject, rounds: int) -> dict[str, Any]:
    deep = await _deep_cursor(large)
    timed = await _in_turns(rounds, _sql(large, "ledger_entries"), _whole(large), _whole(large, deep), _whole(small))
    bare_figures, first, deep_figures, small_figures = (percentiles(times) for times in timed)
    (derived,) = (percentiles(times) for times in await _in_turns(max(10, rounds // 50), _sql(large, "ledger_from_truth")))
    return {
        "page_of": LIMIT,
        "large": {"truth_records": large.tenant.records, "entries_of_customer": _entries(large)},
        "small": {"truth_records": small.tenant.records, "entries_of_customer": _entries(small)},
        "bare_sql_large": bare_figures,
        "first_page_large": first,
        "deep_page_large": deep_figures,
        "first_page_small": small_figures,
        "first_page_derived_at_reading_large": derived,
        "first_page_to_bare_sql": ratio(first["p50_us"], bare_figures["p50_us"]),
        "large_to_small": ratio(first["p50_us"], small_figures["p50_us"]),
        "derived_at_reading_to_read_model": ratio(derived["p50_us"], bare_figures["p50_us"]),
        "deep_to_first": ratio(deep_figures["p50_us"], first["p50_us"]),
    }


def _whole(subject: Subject, cursor: str | None = None) -> Callable[[], Awaitable[float]]:
    async def timed() -> float:
        began = time.perf_counter()
        await subject.page(cursor)
        return time.perf_counter() - began

    return timed


async def _in_turns(rounds: int, *subjects: Callable[[], Awaitable[float]]) -> list[list[float]]:
    """The times of each subject, after a warm-up of a tenth of the rounds."""
    times: list[list[float]] = [[] for _ in subjects]
    for turn in range(-rounds // 10, rounds):
        for subject, kept in zip(subjects, times, strict=True):
            taken = await subject()
            if turn >= 0:
                kept.append(taken)
    return times


def _sql(subject: Subject, source: str) -> Callable[[], Awaitable[float]]:
    """Times the statement alone: the transaction is open, and the connection has it prepared after the first time."""

    async def timed() -> float:
        async with subject.database.reading(subject.tenant.id) as connection:
            began = time.perf_counter()
            await connection.fetch(_PAGE.format(source=source, limit=LIMIT + 1), subject.tenant.id, subject.customer)
            return time.perf_counter() - began

    return timed


async def _deep_cursor(subject: Subject) -> str:
    """The cursor of the page at nine tenths of the customer's ledger."""
    cursor: str | None = None
    for _ in range(_entries(subject) * 9 // 10 // 200):
        answer = await customer_ledger(subject.database, subject.tenant.id, str(subject.customer), Asked(Selection(), None, 200, cursor))
        cursor = json.loads(answer)["next_cursor"]
    assert cursor is not None
    return cursor


def _entries(subject: Subject) -> int:
    return (subject.tenant.records - 1) // RECORDS_PER_JOB // len(subject.tenant.customers) * ENTRIES_PER_JOB
