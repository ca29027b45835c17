"""The SQL that reads jobs: those of one tenant, and what the queue looks like over all tenants, which tells counts and times alone."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from factbook.database.pools import Connection
from factbook.jobs.model import JobState, QueuedJob
from factbook.kernel import clock

# Jobs of each state. Whether some more wait tells an operator nothing new, and a look at the queue stays a matter of milliseconds.
MOST_COUNTED = 10_000
_JOBS = """
SELECT tenant_id, id, name, key, tick, state, attempts, reason, progress_done, progress_total, created_at, due_at, begun_at, finished_at
FROM queued_jobs
"""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule as it ticked last; None before its first tick."""

    name: str
    cron: str
    last_tick: datetime | None


@dataclass(frozen=True, slots=True)
class QueueState:
    """How many jobs there are that are not done, by name and state; how long the oldest that is due has waited; workers seen lately; schedules.

    Unless `counted_in_full`, there are more jobs than were counted.
    """

    jobs: dict[tuple[str, JobState], int]
    oldest_waiting_seconds: float
    workers: int
    schedules: list[Schedule]
    counted_in_full: bool = True

    @property
    def failed(self) -> int:
        """How many jobs failed for good and were not retried."""
        return sum(count for (_, state), count in self.jobs.items() if state is JobState.FAILED)


async def queue_state(connection: Connection, most: int = MOST_COUNTED) -> QueueState:
    """The queue as it is now, over all tenants, with at most so many jobs of each state counted. For a connection outside tenants.

    What it costs grows with the tenants that have open jobs and with `most`, not with the jobs. By index `queued_jobs_open`.
    """
    found: dict[str, Any] = json.loads(await connection.fetchval("SELECT queue_state($1)", most))
    return QueueState(
        jobs={(each["name"], JobState(each["state"])): each["count"] for each in found["jobs"]},
        oldest_waiting_seconds=float(found["oldest_waiting_seconds"] or 0),
        workers=found["workers"],
        schedules=[
            Schedule(each["name"], each["cron"], clock.parse_instant(each["last_tick"]) if each["last_tick"] else None) for each in found["schedules"]
        ],
        counted_in_full=found["counted_in_full"],
    )


async def tenant_ids(connection: Connection) -> list[UUID]:
    """The ids of all tenants, oldest first. For a connection outside tenants."""
    return [row[0] for row in await connection.fetch("SELECT tenant_ids()")]


async def jobs_in_state(connection: Connection, tenant_id: UUID, states: list[JobState], limit: int) -> list[QueuedJob]:
    """Up to `limit` jobs of the tenant in these states, newest first. By the primary key, whose ids are in the order of time."""
    rows = await connection.fetch(
        f"{_JOBS} WHERE tenant_id = $1 AND state = ANY($2) ORDER BY id DESC LIMIT $3",
        tenant_id,
        states,
        limit,
    )
    return [_job(row) for row in rows]


async def jobs_counted(connection: Connection, tenant_id: UUID, most: int) -> dict[str, dict[JobState, int]]:
    """How many jobs the tenant has by name and state, of each state `most` at the most: of those that are done the ones that finished last.

    By the indexes `queued_jobs_open` and `queued_jobs_done`.
    """
    unfinished = " UNION ALL ".join(
        f"(SELECT name, state FROM queued_jobs WHERE tenant_id = $1 AND state = '{state}' AND state <> 'done' LIMIT $2)"
        for state in JobState
        if state is not JobState.DONE
    )
    rows = await connection.fetch(
        f"""
        SELECT name, state, count(*) AS count FROM (
            {unfinished} UNION ALL
            (SELECT name, state FROM queued_jobs WHERE tenant_id = $1 AND state = 'done' ORDER BY finished_at DESC LIMIT $2)
        ) AS counted GROUP BY name, state ORDER BY name, state
        """,
        tenant_id,
        most,
    )
    counts: dict[str, dict[JobState, int]] = {}
    for row in rows:
        counts.setdefault(row["name"], {})[JobState(row["state"])] = row["count"]
    return counts


async def failed_jobs(connection: Connection, tenant_id: UUID, before: UUID | None, limit: int) -> list[QueuedJob]:
    """Up to `limit` of the tenant's jobs that failed and were not retried, newest first, older than the one with this id. By `queued_jobs_open`."""
    rows = await connection.fetch(
        f"""
        {_JOBS} WHERE tenant_id = $1 AND state = 'failed' AND state <> 'done' AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
        """,
        tenant_id,
        before,
        limit,
    )
    return [_job(row) for row in rows]


def _job(row: asyncpg.Record) -> QueuedJob:
    return QueuedJob(**{**row, "state": JobState(row["state"])})
