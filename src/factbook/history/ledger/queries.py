"""Reads of the ledger: a page at a basis, and all entries of a customer for digest and export. Each page is one statement.

Both rest on the primary key of `ledger_entries`, (tenant, customer, at, type order, job, record), which is the ledger's order.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from factbook.database.pools import Connection
from factbook.history.ledger.model import Position, Selection
from factbook.history.ledger.selecting import Parameters, conditions

_AT = """to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""

# The entry of the wire, field by field; `e` is a row of ledger_entries.
_ENTRY = f"""
    (ARRAY['NODE_ACTIVATED', 'TASK_STARTED', 'EVIDENCE_ATTACHED', 'TASK_OUTCOME'])[e.type_order] AS type,
    CASE e.type_order WHEN 2 THEN 'start-' WHEN 4 THEN 'outcome-' ELSE '' END || e.record_id AS id,
    {_AT.format(column="e.at")} AS timestamp,
    e.job_id, e.job_address, e.flow_id, e.workflow_id, e.workflow_name, e.workflow_version,
    e.node_id, e.node_name, e.task_id, e.task_name, e.iteration, e.actor, e.evidence_type, e.outcome
"""
_ORDER = "at, type_order, job_id, record_id"
_BATCH = 1000


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
    """The first `limit` entries after a place in one customer's ledger, as far as they were recorded at `basis` (None: now)."""
    parameters = Parameters(tenant_id, customer_id)
    where = "tenant_id = $1 AND customer_id = $2"
    if basis is not None:
        where += f" AND visible_from <= {parameters.add(basis)}"
    where += conditions(selection, parameters)
    if after is not None:
        place = ", ".join(parameters.add(value) for value in (after.at, after.type_order, after.job_id, after.record_id))
        where += f" AND ({_ORDER}) > ({place})"
    statement = f"""
        SELECT (SELECT last_seq FROM truth_heads WHERE tenant_id = $1) AS head,
               EXISTS (SELECT FROM customers WHERE tenant_id = $1 AND id = $2) AS customer_known, page.*
        FROM (SELECT 1) AS always
        LEFT JOIN LATERAL (
            SELECT row_to_json(shown)::text AS entry, e.at, e.type_order, e.job_id, e.record_id
            FROM (SELECT * FROM ledger_entries WHERE {where} ORDER BY {_ORDER} LIMIT {parameters.add(limit + 1)}) AS e
            CROSS JOIN LATERAL (SELECT {_ENTRY}) AS shown
            ORDER BY {_ORDER}
        ) AS page ON true
    """
    rows = await connection.fetch(statement, *parameters.values)
    entries = [row for row in rows if row["entry"] is not None]
    more = len(entries) > limit
    last = entries[limit - 1] if more else None
    return LedgerPage(
        entries=[row["entry"] for row in entries[:limit]],
        next_position=Position(last["at"], last["type_order"], last["job_id"], last["record_id"]) if last else None,
        head=rows[0]["head"] or 0,
        customer_known=rows[0]["customer_known"],
    )


async def every_entry(connection: Connection, tenant_id: UUID, customer_id: UUID, basis: int) -> AsyncIterator[dict[str, Any]]:
    """All entries of one customer at a basis, in order, read in batches so that memory stays flat."""
    statement = f"""
        SELECT {_ENTRY} FROM ledger_entries e
        WHERE e.tenant_id = $1 AND e.customer_id = $2 AND e.visible_from <= $3
        ORDER BY e.at, e.type_order, e.job_id, e.record_id
    """
    async for row in connection.cursor(statement, tenant_id, customer_id, basis, prefetch=_BATCH):
        yield dict(row)


async def head_of(connection: Connection, tenant_id: UUID) -> int:
    """The number of the tenant's last record; 0 before the first."""
    return await connection.fetchval("SELECT last_seq FROM truth_heads WHERE tenant_id = $1", tenant_id) or 0


async def customer_of_job(connection: Connection, tenant_id: UUID, job_id: str) -> UUID | None:
    """The customer whom the job belongs to; None when there is no such job."""
    found: UUID | None = await connection.fetchval("SELECT customer_id FROM jobs WHERE tenant_id = $1 AND id = $2", tenant_id, job_id)
    return found
