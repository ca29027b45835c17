"""Reads for the signals: the last outcome, the outcomes that blocked flows, and the span of the ledger."""

from dataclasses import dataclass, fields
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
    return Outcome(**{part.name: row[part.name] for part in fields(Outcome)})


@dataclass(frozen=True, slots=True)
class Told:
    """What a customer's ledger says of their health: the last TASK_OUTCOME, and the last one of each flow that is BLOCKED.

    `blocked_without` is how many such flows have none, `basis` the number of the tenant's last record.
    """

    basis: int
    first_at: datetime | None
    last_at: datetime | None
    last: Outcome | None
    blocking: list[Outcome]
    blocked_without: int


async def told_by_ledger(connection: Connection, tenant_id: UUID, customer_id: UUID, as_of: datetime | None) -> Told:
    """All that, in one statement, and in one more where a flow is BLOCKED.

    The last outcome and the span are read at the ends of the ledger's primary key. The flows go into the second statement as values, so that the
    ledger is walked once however many they are; joined to it, they would have it walked for each.
    """
    (row,) = await connection.fetch(
        f"""
        SELECT (SELECT last_seq FROM truth_heads WHERE tenant_id = $1) AS head,
               (SELECT min(e.at) FROM ledger_entries e WHERE {_WHERE}) AS first_at,
               (SELECT max(e.at) FROM ledger_entries e WHERE {_WHERE}) AS last_at,
               ARRAY(SELECT f.id::text FROM jobs j JOIN flows f ON f.tenant_id = j.tenant_id AND f.flow_group_id = j.flow_group_id
                     WHERE j.tenant_id = $1 AND j.customer_id = $2 AND {LATEST_STATUS.format(as_of="$3")} = 'BLOCKED') AS blocked, found.*
        FROM (SELECT 1) AS always
        LEFT JOIN LATERAL (
            SELECT {_OUTCOME} FROM ledger_entries e WHERE {_WHERE} AND e.type_order = 4 ORDER BY {_LATEST_FIRST} LIMIT 1
        ) AS found ON true
        """,
        tenant_id,
        customer_id,
        as_of,
    )
    last = _outcome(row) if row["record_id"] is not None else None
    blocking = await _last_outcomes(connection, tenant_id, customer_id, as_of, row["blocked"]) if row["blocked"] else []
    return Told(row["head"] or 0, row["first_at"], row["last_at"], last, blocking, blocked_without=len(row["blocked"]) - len(blocking))


async def _last_outcomes(connection: Connection, tenant_id: UUID, customer_id: UUID, as_of: datetime | None, flows: list[str]) -> list[Outcome]:
    """The last outcome of each of these flows that has one."""
    rows = await connection.fetch(
        f"""
        SELECT DISTINCT ON (e.flow_id) {_OUTCOME} FROM ledger_entries e
        WHERE {_WHERE} AND e.type_order = 4 AND e.flow_id = ANY($4) ORDER BY e.flow_id, {_LATEST_FIRST}
        """,
        tenant_id,
        customer_id,
        as_of,
        flows,
    )
    return [_outcome(row) for row in rows]
