"""One worker of the simulation, run in a process of its own that may be killed at any instant. It leaves a row for each effect of a job."""

import asyncio
import logging
import os
import random
import signal
from functools import partial
from uuid import UUID

import structlog
from pydantic import BaseModel

from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.jobs import Backoff, NoInput, Registry, Run, job, run_job
from factbook.jobs.worker import Pace, Worker

EVERY_TWO_SECONDS = "* * * * * */2"
# A dead worker's jobs are free after this, so that kills are followed by picks within the simulation.
HEARTBEAT_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 0.02
EFFECT = "INSERT INTO factbook.effects (tenant_id, job_id, process) VALUES ($1, $2, $3)"


class Number(BaseModel):
    """Which of the jobs it is. Every seventh fails at its first run, and all of them pause at random."""

    number: int


async def leave_effect(run: Run) -> None:
    await asyncio.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS))  # noqa: S311
    async with run.finishing() as connection:
        await connection.execute(EFFECT, run.tenant_id, run.job_id, os.getpid())
        await asyncio.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS))  # noqa: S311


@job("leave_effect", input=Number, retries=50, backoff=Backoff(first_seconds=0.1, factor=2, most_seconds=1))
async def effect(number: Number, run: Run) -> None:
    """Its effect stands in the transaction that finishes it."""
    if number.number % 7 == 0 and run.attempt == 1:
        raise ZeroDivisionError
    await leave_effect(run)


@job("leave_effect_of_tick", input=NoInput, retries=50, cron=EVERY_TWO_SECONDS)
async def effect_of_tick(_: NoInput, run: Run) -> None:
    """The same, by the clock."""
    await leave_effect(run)


def work(urls: DatabaseUrls) -> None:
    """Work until SIGTERM, or until killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.disable(logging.CRITICAL)  # what pgqueuer says when it is stopped in the middle
    asyncio.run(_work(urls))


async def _work(urls: DatabaseUrls) -> None:
    registry = Registry([effect, effect_of_tick])
    database = await Database.open(urls, pool_size=2)
    pace = Pace(concurrency=4, heartbeat_seconds=HEARTBEAT_SECONDS, house_seconds=0.5, drain_seconds=30)
    worker = Worker(urls.queue, database, registry, partial(run_job, registry, {Database: database}), pace)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
    await worker.run()
    await database.close()


async def queue_jobs(database: Database, tenant_ids: list[UUID], count: int) -> None:
    """Queue so many jobs, the tenants in turn, a hundred to a transaction."""
    for first in range(0, count, 100):
        tenant_id = tenant_ids[first // 100 % len(tenant_ids)]
        async with database.transaction(tenant_id) as connection:
            for number in range(first, min(first + 100, count)):
                await effect.enqueue(connection, tenant_id, Number(number=number))
