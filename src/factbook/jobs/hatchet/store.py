"""The SQL of handing jobs over: who has a job and until when, and how a worker saw the engine."""

from datetime import datetime
from uuid import UUID

from pgqueuer.ports.driver import Driver

from factbook.database.pools import Connection
from factbook.jobs.hatchet.model import EngineState


async def leave_to_engine(connection: Connection, tenant_id: UUID, job_id: UUID, due_at: datetime) -> str | None:
    """Have nobody look for the job before `due_at`: the engine has it, or is about to get it. Its name; None when it is finished or never was.

    One that waits longer still waits longer. By the primary key.
    """
    name: str | None = await connection.fetchval(
        """
        UPDATE queued_jobs SET due_at = greatest(due_at, $3)
        WHERE tenant_id = $1 AND id = $2 AND state IN ('waiting', 'running') RETURNING name
        """,
        tenant_id,
        job_id,
        due_at,
    )
    return name


async def note_engine(driver: Driver, worker_id: UUID, state: EngineState) -> None:
    """Say how this worker saw the engine. For the queue's role; by the primary key."""
    await driver.execute("UPDATE factbook_queue.workers SET engine = $2 WHERE id = $1", worker_id, state)
