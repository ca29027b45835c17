"""Reads for the signals: the last outcome, the outcomes that blocked flows, and the span of the ledger."""

from datetime import datetime
from uuid import UUID

import asyncpg

from factbook.database.pools import Connection
from factbook.history.overview.queries import LATEST_STATUS
from factbook.history.signals.rules import Outcome

_OUTCOME = """
    'outcome-' || e.record_id AS record_id, e.outcome, e.at AS outcome_at, e.actor AS outcome_by, e.job_id, e.flow_id,
    e.workflow_id, e.workflow_name, e.node_id, e.node_name, e.task_id, e.iteration AS task_iteration
"""
_LATEST_FIRST = "e.at DESC, e.type_order DESC, e.job_id DESC, e.record_id DESC"
_WHERE = "e.tenant_id = $1 AND e.customer_id = $2 AND ($3::timestamptz IS NULL OR e.at <= $3)"


def _outcome(row: asyncpg.Record) -> Outcome:
    return Outcome(**row)


async def last_outcome(connection: Connection, tenant_id: UUID, customer_id: UUID, as_of: datetime | None) -> Outcome | None:
    """The last TASK_OUTCOME of the customer's ledger, read backwards along its primary key."""
    row = await connection.fetchrow(
        f"SELECT {_OUTCOME} FROM ledger_entries e WHERE {_WHERE} AND e.type_order = 4 ORDER BY {_LATEST_FIRST} LIMIT 1",
        tenant_id,
        customer_id,
        as_of,
    )
    return _outcome(row) if row else None


async def blocking_outcomes(connection: Connection, tenant_id: UUID, customer_id: UUID, as_of: datetime | None) -> tuple[list[Outcome], int]:
    """The last outcome of each of the customer's flows that is BLOCKED, and how many such flows have none."""
    rows = await connection.fetch(
        f"""
        SELECT f.id FROM jobs j JOIN flows f ON f.tenant_id = j.tenant_id AND f.flow_group_id = j.flow_group_id
        WHERE j.tenant_id = $1 AND j.customer_id = $2 AND {LATEST_STATUS.format(as_of="$3")} = 'BLOCKED'
        """,
        tenant_id,
        customer_id,
        as_of,
    )
    blocked = [row["id"] for row in rows]
    if not blocked:
        return [], 0
    outcomes = await connection.fetch(
        f"""
        SELECT DISTINCT ON (e.flow_id) {_OUTCOME} FROM ledger_entries e
        WHERE {_WHERE} AND e.type_order = 4 AND e.flow_id = ANY($4) ORDER BY e.flow_id, {_LATEST_FIRST}
        """,
        tenant_id,
        customer_id,
        as_of,
        blocked,
    )
    return [_outcome(row) for row in outcomes], len(blocked) - len(outcomes)


async def span(connection: Connection, tenant_id: UUID, customer_id: UUID, as_of: datetime | None) -> tuple[datetime | None, datetime | None]:
    """The first and the last instant of the customer's ledger."""
    row = await connection.fetchrow(
        f"SELECT min(e.at) AS first, max(e.at) AS last FROM ledger_entries e WHERE {_WHERE}", tenant_id, customer_id, as_of
    )
    return (row["first"], row["last"]) if row else (None, None)
