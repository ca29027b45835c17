"""What an operator does with the queue: look at one tenant's jobs, and have failed ones tried again."""

from collections.abc import Sequence
from uuid import UUID

from factbook.database.pools import Database
from factbook.jobs import store
from factbook.jobs.model import JobState, QueuedJob
from factbook.jobs.queries import jobs_in_state
from factbook.kernel import clock


async def list_jobs(database: Database, tenant_id: UUID, states: Sequence[JobState], limit: int) -> list[QueuedJob]:
    """Up to `limit` jobs of the tenant in these states, newest first."""
    async with database.reading(tenant_id) as connection:
        return await jobs_in_state(connection, tenant_id, list(states), limit)


async def retry_failed_jobs(database: Database, tenant_id: UUID, job_id: UUID | None = None) -> list[UUID]:
    """Queue failed jobs of the tenant again, one or all (None), with all their attempts before them; the ids of those it was."""
    async with database.transaction(tenant_id) as connection:
        return await store.retry_failed(connection, tenant_id, job_id, clock.now())
