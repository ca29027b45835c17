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
    """All that, in one statement.

    The last outcome and the span are read at the ends of the ledger's primary key. For blocked flows, and only where there are some, the ledger is
    walked once and each entry's flow looked up among them: `IS TRUE` keeps that from becoming a join, which would walk it for each.
    """
    rows = await connection.fetch(
        f"""
        WITH blocked AS MATERIALIZED (
            SELECT f.id FROM jobs j JOIN flows f ON f.tenant_id = j.tenant_id AND f.flow_group_id = j.flow_group_id
            WHERE j.tenant_id = $1 AND j.customer_id = $2 AND {LATEST_STATUS.format(as_of="$3")} = 'BLOCKED'
        )
        SELECT (SELECT last_seq FROM truth_heads WHERE tenant_id = $1) AS head,
               (SELECT min(e.at) FROM ledger_entries e WHERE {_WHERE}) AS first_at,
               (SELECT max(e.at) FROM ledger_entries e WHERE {_WHERE}) AS last_at,
               (SELECT count(*) FROM blocked) AS blocked, found.*
        FROM (SELECT 1) AS always
        LEFT JOIN (
            (SELECT true AS is_last, {_OUTCOME} FROM ledger_entries e WHERE {_WHERE} AND e.type_order = 4 ORDER BY {_LATEST_FIRST} LIMIT 1)
            UNION ALL
            (SELECT DISTINCT ON (e.flow_id) false, {_OUTCOME} FROM ledger_entries e
             WHERE {_WHERE} AND e.type_order = 4 AND EXISTS (SELECT FROM blocked) AND (e.flow_id IN (SELECT id FROM blocked)) IS TRUE
             ORDER BY e.flow_id, {_LATEST_FIRST})
        ) AS found ON true
        """,
        tenant_id,
        customer_id,
        as_of,
    )
    whole = rows[0]
    last = next((_outcome(row) for row in rows if row["is_last"]), None)
    blocking = [_outcome(row) for row in rows if row["is_last"] is False]
    return Told(whole["head"] or 0, whole["first_at"], whole["last_at"], last, blocking, blocked_without=whole["blocked"] - len(blocking))
