"""Reads of jobs with the present status of their flows. Statuses come from index `statuses_of_flow`, flows from `flows_of_group`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from factbook.database.pools import Connection
from factbook.history.overview.model import JobSpan, JobStanding
from factbook.history.truth.model import FlowStatus

# The record with the greatest (changed_at, id) holds; a flow without one is ACTIVE. `{as_of}` is a timestamptz or NULL for now.
LATEST_STATUS = """
    coalesce((SELECT s.status FROM flow_statuses s
              WHERE s.tenant_id = f.tenant_id AND s.flow_id = f.id AND ({as_of}::timestamptz IS NULL OR s.changed_at <= {as_of})
              ORDER BY s.changed_at DESC, s.id DESC LIMIT 1), 'ACTIVE')
"""
_STANDING = f"""
    j.id, j.customer_id, j.flow_group_id, j.address, j.created_at,
    ARRAY(SELECT {LATEST_STATUS.format(as_of="$2")} FROM flows f
          WHERE f.tenant_id = j.tenant_id AND f.flow_group_id = j.flow_group_id) AS statuses
"""
_JOBS = f"SELECT {_STANDING} FROM jobs j WHERE j.tenant_id = $1"


@dataclass(frozen=True, slots=True)
class OpenFlow:
    """A flow of a job that is still going on: ACTIVE or SUSPENDED."""

    id: str
    workflow_id: str
    workflow_name: str | None
    workflow_version: int
    status: FlowStatus
    created_at: datetime


def _standing(row: asyncpg.Record) -> JobStanding:
    statuses = [FlowStatus(status) for status in row["statuses"]]
    return JobStanding(row["id"], row["customer_id"], row["flow_group_id"], row["address"], row["created_at"], statuses)


async def jobs_of_customer(connection: Connection, tenant_id: UUID, customer_id: UUID, as_of: datetime | None = None) -> list[JobStanding]:
    """All jobs of the customer, oldest first, with the flow statuses at `as_of` (None: now)."""
    statement = f"{_JOBS} AND j.customer_id = $3 ORDER BY j.created_at, j.id"
    return [_standing(row) for row in await connection.fetch(statement, tenant_id, as_of, customer_id)]


async def job_spans_of_customer(connection: Connection, tenant_id: UUID, customer_id: UUID) -> list[JobSpan]:
    """All jobs of the customer, oldest first, with the flow statuses and the spans of now. Spans are gathered along the ledger's primary key."""
    rows = await connection.fetch(
        f"""
        SELECT {_STANDING}, s.first_at, s.last_at
        FROM jobs j LEFT JOIN (
            SELECT e.job_id, min(e.at) AS first_at, max(e.at) AS last_at FROM ledger_entries e
            WHERE e.tenant_id = $1 AND e.customer_id = $3 GROUP BY e.job_id
        ) AS s ON s.job_id = j.id
        WHERE j.tenant_id = $1 AND j.customer_id = $3 ORDER BY j.created_at, j.id
        """,
        tenant_id,
        None,
        customer_id,
    )
    return [JobSpan(_standing(row), row["first_at"], row["last_at"]) for row in rows]


async def newest_jobs(connection: Connection, tenant_id: UUID, after: tuple[datetime, str] | None, limit: int) -> Sequence[JobStanding]:
    """Up to `limit` jobs of the tenant, newest first, after the job with this (created_at, id)."""
    following = "" if after is None else "AND (j.created_at, j.id) < ($4, $5)"
    statement = f"{_JOBS} {following} ORDER BY j.created_at DESC, j.id DESC LIMIT $3"
    return [_standing(row) for row in await connection.fetch(statement, tenant_id, None, limit, *(after or ()))]


async def job_with_id(connection: Connection, tenant_id: UUID, job_id: str) -> tuple[JobStanding, asyncpg.Record] | None:
    """The job and its flow group's row (id, scope_type, scope_id, created_at)."""
    row = await connection.fetchrow(f"{_JOBS} AND j.id = $3", tenant_id, None, job_id)
    if row is None:
        return None
    group = await connection.fetchrow(
        "SELECT id, scope_type, scope_id, created_at FROM flow_groups WHERE tenant_id = $1 AND id = $2", tenant_id, row["flow_group_id"]
    )
    return (_standing(row), group) if group else None


async def open_flows(connection: Connection, tenant_id: UUID, flow_group_id: str) -> list[OpenFlow]:
    """The flows of a group that are ACTIVE or SUSPENDED, oldest first."""
    rows = await connection.fetch(
        f"""
        SELECT * FROM (
            SELECT f.id, f.workflow_id, w.name AS workflow_name, v.version AS workflow_version,
                   {LATEST_STATUS.format(as_of="NULL")} AS status, f.created_at
            FROM flows f
            JOIN workflow_versions v ON v.tenant_id = f.tenant_id AND v.id = f.workflow_version_id
            LEFT JOIN workflow_names w ON w.tenant_id = v.tenant_id AND w.workflow_version_id = v.id
                 AND w.part = 'workflow' AND w.id = v.workflow_id
            WHERE f.tenant_id = $1 AND f.flow_group_id = $2
        ) AS flows WHERE status IN ('ACTIVE', 'SUSPENDED') ORDER BY created_at, id
        """,
        tenant_id,
        flow_group_id,
    )
    return [OpenFlow(**dict(row) | {"status": FlowStatus(row["status"])}) for row in rows]
