"""The SQL that changes jobs. Every statement but the first goes by the primary key; a job's row is what two runs of it contend for."""

import json
from datetime import datetime
from uuid import UUID

from factbook.database.pools import Connection
from factbook.jobs.model import BegunJob

# Both rows in one statement. Where a job of the key waits and has not been begun, its row is held until the caller's transaction ends, so that it
# cannot begin before that: it would not see what the caller has changed.
_INSERT = """
    WITH job AS (
        INSERT INTO queued_jobs (tenant_id, id, name, key, tick, input, state, attempts, created_at, due_at)
        VALUES ($1, $2, $3, $4, $5, $6, 'waiting', 0, $7, $7)
        ON CONFLICT {arbiter} RETURNING id
    ), handed_out AS (
        INSERT INTO factbook_queue.pgqueuer (tenant_id, priority, status, entrypoint, dedupe_key, payload)
        SELECT $1, 0, 'queued', $3, $2::text, convert_to($1::text || ' ' || $2::text, 'UTF8') FROM job WHERE id = $2
    )
    SELECT id FROM job
"""
_INSERT_WITH_KEY = _INSERT.format(
    arbiter="(tenant_id, name, key) WHERE begun_at IS NULL AND key IS NOT NULL DO UPDATE SET due_at = least(queued_jobs.due_at, excluded.due_at)"
)
_INSERT_OF_TICK = _INSERT.format(arbiter="(tenant_id, name, tick) WHERE tick IS NOT NULL DO NOTHING")


async def insert_job(connection: Connection, tenant_id: UUID, job_id: UUID, name: str, key: str | None, job_input: str, now: datetime) -> UUID:
    """Put a job on record and hand it out when the caller's transaction commits. The id of the one that waits under the key already, if there is.

    By the unique index of jobs that have not been begun.
    """
    waiting: UUID = await connection.fetchval(_INSERT_WITH_KEY, tenant_id, job_id, name, key, None, job_input, now)
    return waiting


async def insert_job_of_tick(connection: Connection, tenant_id: UUID, job_id: UUID, name: str, tick: datetime, job_input: str, now: datetime) -> bool:
    """Put the job of a schedule's tick on record, unless it was before. By the unique index of ticks."""
    return await connection.fetchval(_INSERT_OF_TICK, tenant_id, job_id, name, None, tick, job_input, now) is not None


async def begin(connection: Connection, tenant_id: UUID, job_id: UUID, now: datetime) -> BegunJob | None:
    """Count a new run of the job; None when it is finished, or was never there."""
    row = await connection.fetchrow(
        """
        UPDATE queued_jobs SET state = 'running', attempts = attempts + 1, begun_at = $3
        WHERE tenant_id = $1 AND id = $2 AND state IN ('waiting', 'running') RETURNING name, input, attempts
        """,
        tenant_id,
        job_id,
        now,
    )
    return BegunJob(row["name"], json.loads(row["input"]), row["attempts"]) if row else None


async def finish(connection: Connection, tenant_id: UUID, job_id: UUID, now: datetime) -> bool:
    """Whether this statement finished the job. Another run that is about to finish it is waited for; if it does, the answer is False."""
    return (
        await connection.fetchval(
            """
            UPDATE queued_jobs SET state = 'done', reason = NULL, finished_at = $3
            WHERE tenant_id = $1 AND id = $2 AND state IN ('waiting', 'running') RETURNING true
            """,
            tenant_id,
            job_id,
            now,
        )
        is not None
    )


async def put_off(connection: Connection, tenant_id: UUID, job_id: UUID, attempt: int, reason: str, due_at: datetime) -> bool:
    """Have the job wait for another run. False when a later run has begun, which then has the word."""
    return (
        await connection.fetchval(
            """
            UPDATE queued_jobs SET state = 'waiting', reason = $4, due_at = $5
            WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state = 'running' RETURNING true
            """,
            tenant_id,
            job_id,
            attempt,
            reason,
            due_at,
        )
        is not None
    )


async def fail(connection: Connection, tenant_id: UUID, job_id: UUID, attempt: int, reason: str, now: datetime) -> bool:
    """Keep the job as failed for good. False when a later run has begun."""
    return (
        await connection.fetchval(
            """
            UPDATE queued_jobs SET state = 'failed', reason = $4, finished_at = $5
            WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state = 'running' RETURNING true
            """,
            tenant_id,
            job_id,
            attempt,
            reason,
            now,
        )
        is not None
    )


async def is_open(connection: Connection, tenant_id: UUID, job_id: UUID) -> bool:
    """Whether the job is neither done nor failed."""
    state: str | None = await connection.fetchval("SELECT state FROM queued_jobs WHERE tenant_id = $1 AND id = $2", tenant_id, job_id)
    return state in ("waiting", "running")


async def give_back(connection: Connection, tenant_id: UUID, job_id: UUID, attempt: int, now: datetime) -> None:
    """Have the job wait as if this run had not been: its worker stops, for which the job is not to blame."""
    await connection.execute(
        """
        UPDATE queued_jobs SET state = 'waiting', attempts = attempts - 1, due_at = $4
        WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state = 'running'
        """,
        tenant_id,
        job_id,
        attempt,
        now,
    )


async def note_progress(connection: Connection, tenant_id: UUID, job_id: UUID, attempt: int, done: int, total: int | None) -> None:
    """Say how far the run has come."""
    await connection.execute(
        """
        UPDATE queued_jobs SET progress_done = $4, progress_total = $5
        WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state = 'running'
        """,
        tenant_id,
        job_id,
        attempt,
        done,
        total,
    )


async def retry_failed(connection: Connection, tenant_id: UUID, job_id: UUID | None, now: datetime) -> list[UUID]:
    """Have failed jobs of the tenant wait anew, with all their attempts before them: one, or all (None). The ids of those it was."""
    rows = await connection.fetch(
        """
        WITH job AS (
            UPDATE queued_jobs SET state = 'waiting', attempts = 0, finished_at = NULL, due_at = $3, progress_done = NULL, progress_total = NULL
            WHERE tenant_id = $1 AND state = 'failed' AND ($2::uuid IS NULL OR id = $2) RETURNING id, name
        ), handed_out AS (
            INSERT INTO factbook_queue.pgqueuer (tenant_id, priority, status, entrypoint, dedupe_key, payload)
            SELECT $1, 0, 'queued', name, id::text, convert_to($1::text || ' ' || id::text, 'UTF8') FROM job
            ON CONFLICT DO NOTHING
        )
        SELECT id FROM job
        """,
        tenant_id,
        job_id,
        now,
    )
    return [row["id"] for row in rows]


async def forget_done(connection: Connection, finished_before: datetime, at_most: int) -> int:
    """Remove jobs of the connection's tenant that were done before the instant, and how many it were. Failed ones stay."""
    forgotten: int = await connection.fetchval("SELECT forget_done_jobs($1, $2)", finished_before, at_most)
    return forgotten
