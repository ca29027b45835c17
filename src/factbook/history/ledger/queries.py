"""Reads of the ledger: a page at a basis from either end, and all entries of a customer for digest and export. Each page is one statement.

Both rest on the primary key of `ledger_entries`, (tenant, customer, at, type order, job, record), which is the ledger's order, and on the view
`ledger_shown`, which says what an entry looks like.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from factbook.database.pools import Connection
from factbook.history.ledger.model import Position, Selection
from factbook.history.ledger.selecting import Parameters, conditions

_BATCH = 1000
# Before the first entry there can be, and the bounds of a range that is left open.
_BEFORE_ALL = Position(datetime.min.replace(tzinfo=UTC), 0, "", "")
_ALWAYS, _NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """A page of entries, each its JSON text, the place after which the next page starts, and the basis that was read.

    `next_position` is None on the last page. `head` is the number of the tenant's last record: a basis above it cannot be read yet.
    `customer_known` tells an empty ledger from nobody's.
    """

    entries: list[str]
    next_position: Position | None
    head: int
    customer_known: bool


async def ledger_page(
    connection: Connection, tenant_id: UUID, customer_id: UUID, *, selection: Selection, basis: int | None, after: Position | None, limit: int
) -> LedgerPage:
    """The first `limit` entries after a place in one customer's ledger, as far as they were recorded at `basis` (None: now).

    The database function of the same name sets the tenant itself, so any connection will do, in a transaction or not.
    """
    start = after or _BEFORE_ALL
    rows = await connection.fetch(
        "SELECT * FROM ledger_page($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        tenant_id,
        customer_id,
        basis,
        start.at,
        start.type_order,
        start.job_id,
        start.record_id,
        selection.since or _ALWAYS,
        selection.until or _NEVER,
        _any_of(selection.workflows),
        _any_of(selection.job_types),
        _any_of(selection.job_ids),
        _any_of([kind.order for kind in selection.event_types]),
        _any_of(selection.evidence_types),
        limit + 1,
    )
    return _page_of(rows, limit)


async def latest_entries(
    connection: Connection, tenant_id: UUID, customer_id: UUID, *, selection: Selection, basis: int | None, before: Position | None, limit: int
) -> LedgerPage:
    """The last `limit` entries before a place in one customer's ledger, the latest first, as far as they were recorded at `basis` (None: now).

    Walks the primary key backwards, in a snapshot of the tenant.
    """
    parameters = Parameters(tenant_id, customer_id)
    where = "e.tenant_id = $1 AND e.customer_id = $2"
    if basis is not None:
        where += f" AND e.visible_from <= {parameters.add(basis)}"
    if before is not None:
        place = ", ".join(map(parameters.add, (before.at, before.type_order, before.job_id, before.record_id)))
        where += f" AND (e.at, e.type_order, e.job_id, e.record_id) < ({place})"
    where += conditions(selection, parameters, "e")
    statement = f"""
        SELECT (SELECT last_seq FROM truth_heads WHERE tenant_id = $1) AS head,
               EXISTS (SELECT FROM customers WHERE tenant_id = $1 AND id = $2) AS customer_known, page.*
        FROM (SELECT 1) AS always
        LEFT JOIN LATERAL (
            SELECT e.entry, e.at, e.type_order, e.job_id::text, e.record_id::text FROM ledger_shown e WHERE {where}
            ORDER BY e.at DESC, e.type_order DESC, e.job_id DESC, e.record_id DESC LIMIT {parameters.add(limit + 1)}
        ) AS page ON true
    """
    return _page_of(await connection.fetch(statement, *parameters.values), limit)


def _page_of(rows: Sequence[asyncpg.Record], limit: int) -> LedgerPage:
    """The page in rows that are one more than it is long where there is another after it."""
    entries = [row for row in rows if row["entry"] is not None]
    last = entries[limit - 1] if len(entries) > limit else None
    return LedgerPage(
        entries=[row["entry"] for row in entries[:limit]],
        next_position=Position(last["at"], last["type_order"], last["job_id"], last["record_id"]) if last else None,
        head=rows[0]["head"] or 0,
        customer_known=rows[0]["customer_known"],
    )


def _any_of(values: Sequence[Any]) -> Sequence[Any] | None:
    return values or None


async def every_entry(connection: Connection, tenant_id: UUID, customer_id: UUID, basis: int) -> AsyncIterator[dict[str, Any]]:
    """All entries of one customer at a basis, in order, read in batches so that memory stays flat."""
    statement = """
        SELECT entry FROM ledger_shown e
        WHERE e.tenant_id = $1 AND e.customer_id = $2 AND e.visible_from <= $3
        ORDER BY e.at, e.type_order, e.job_id, e.record_id
    """
    async for row in connection.cursor(statement, tenant_id, customer_id, basis, prefetch=_BATCH):
        yield orjson.loads(row["entry"])


async def head_of(connection: Connection, tenant_id: UUID) -> int:
    """The number of the tenant's last record; 0 before the first."""
    return await connection.fetchval("SELECT last_seq FROM truth_heads WHERE tenant_id = $1", tenant_id) or 0


async def customer_of_job(connection: Connection, tenant_id: UUID, job_id: str) -> UUID | None:
    """The customer whom the job belongs to; None when there is no such job."""
    found: UUID | None = await connection.fetchval("SELECT customer_id FROM jobs WHERE tenant_id = $1 AND id = $2", tenant_id, job_id)
    return found
