"""pgqueuer on one connection of the queue's role: it picks jobs that are due, tells who works on what, and puts back what waits for another run.

What it holds and logs of a job are ids. It never gets to see what a job raised: only whether, and when, to hand the job out again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job as PickedJob
from pgqueuer.ports.driver import Driver

from factbook.database.queue_schema import queue_settings
from factbook.jobs.model import Ending, Outcome

# What runs a job that was picked: the tenant's id and the job's.
Runner: TypeAlias = Callable[[UUID, UUID], Awaitable[Ending]]


def queue_manager(driver: Driver, names: list[str], runner: Runner) -> QueueManager:
    """Pgqueuer's manager for jobs of these names. A job that it picks goes to the runner, which raises nothing."""
    settings = queue_settings()
    queries = Queries(driver, QueryBuilderEnvironment(settings), QueryQueueBuilder(settings), QuerySchedulerBuilder(settings))
    manager = QueueManager(queries, settings.channel)

    async def hand_over(picked: PickedJob) -> None:
        tenant_id, job_id = (picked.payload or b"").decode().split(" ")
        try:
            ending = await runner(UUID(tenant_id), UUID(job_id))
        except asyncio.CancelledError:
            ending = Ending(Outcome.RETRY)  # pgqueuer would take a cancelled job off its table; it is to be handed out again
        if not ending.is_over:
            raise RetryRequested(timedelta(seconds=ending.delay_seconds))

    for name in names:
        manager.entrypoint(name, accepts_context=False)(hand_over)
    return manager
