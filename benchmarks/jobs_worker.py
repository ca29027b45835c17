"""One worker of the measurement in a process of its own: of ours, or pgqueuer alone.

python -m benchmarks.jobs_worker ours | pgqueuer < URLS
"""

import asyncio
import json
import logging
import signal
import sys
from functools import partial

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.models import Job as BareJob

from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.jobs import NoInput, Registry, Run, job, run_job
from factbook.jobs.worker import Pace, Worker

CONCURRENCY = 10


@job("return", input=NoInput)
async def returning(_: NoInput, run: Run) -> None:
    """Does nothing: what is left is what a job costs."""


async def ours(urls: DatabaseUrls) -> None:
    """A worker as `factbook worker` runs it."""
    database = await Database.open(urls, CONCURRENCY + 2)
    registry = Registry([returning])
    worker = Worker(urls.queue, database, registry, partial(run_job, registry, {Database: database}), Pace(CONCURRENCY))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
    await worker.run()
    await database.close()


async def pgqueuer_alone(urls: DatabaseUrls) -> None:
    """Pgqueuer on its own tables, with the same batches, as many jobs at once, and no record of ours."""
    connection = await asyncpg.connect(urls.admin)
    bare = PgQueuer.from_asyncpg_connection(connection)

    @bare.entrypoint("return")
    async def returns(_: BareJob) -> None:
        """Does nothing."""

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, bare.qm.shutdown.set)
    await bare.qm.run(batch_size=CONCURRENCY // 2, max_concurrent_tasks=CONCURRENCY)
    await connection.close()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    asyncio.run({"ours": ours, "pgqueuer": pgqueuer_alone}[sys.argv[1]](DatabaseUrls(**json.loads(sys.stdin.read()))))
