"""Measures jobs per second: one worker and four, each in a process of its own, against as many processes of pgqueuer alone, in turns.

All jobs are queued before the first worker starts, and time runs from the first job done to the last but a tenth, so that nobody's start counts.
"""

import asyncio
import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import psycopg
from pgqueuer import Queries
from psycopg.rows import TupleRow

from benchmarks.jobs_worker import CONCURRENCY, returning
from benchmarks.measuring import ratio
from factbook.access import create_tenant
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.jobs import NoInput
from factbook.kernel.ids import new_id

WORKERS = (1, 4)
_DONE = {
    "ours": "SELECT count(*) FROM factbook.queued_jobs WHERE state = 'done'",
    "pgqueuer": "SELECT count(*) FROM pgqueuer_log WHERE status = 'successful'",
}
_CLEAR = {
    "ours": "TRUNCATE factbook.queued_jobs, factbook_queue.pgqueuer, factbook_queue.pgqueuer_log",
    "pgqueuer": "TRUNCATE pgqueuer, pgqueuer_log",
}


def measure(urls: DatabaseUrls, jobs: int, turns: int) -> dict[str, Any]:
    """Jobs per second of both, by how many workers there are."""
    asyncio.run(_install(urls))
    figures: dict[str, Any] = {"jobs": jobs, "at_once_in_each": CONCURRENCY}
    with psycopg.connect(urls.admin, autocommit=True) as admin:
        for workers in WORKERS:
            rates = dict.fromkeys(_DONE, 0.0)
            for _ in range(turns):
                for kind in _DONE:
                    rates[kind] += _rate(admin, urls, kind, workers, jobs) / turns
            figures[f"workers_{workers}"] = {
                "jobs_per_second": round(rates["ours"]),
                "pgqueuer_alone_per_second": round(rates["pgqueuer"]),
                "to_pgqueuer_alone": ratio(rates["ours"], rates["pgqueuer"]),
            }
    one, four = (figures[f"workers_{workers}"]["jobs_per_second"] for workers in WORKERS)
    return figures | {"four_workers_to_one": ratio(four, one)}


async def _install(urls: DatabaseUrls) -> None:
    """Tables of pgqueuer's own beside ours, in the schema where it puts them by itself."""
    connection = await asyncpg.connect(urls.admin)
    await Queries.from_asyncpg_connection(connection).install()
    await connection.close()


def _rate(admin: psycopg.Connection[TupleRow], urls: DatabaseUrls, kind: str, workers: int, jobs: int) -> float:
    admin.execute(_CLEAR[kind].encode())
    asyncio.run(_queue(urls, kind, jobs))
    admin.execute("VACUUM ANALYZE")
    with _workers(urls, kind, workers):
        first = _wait_until(admin, kind, jobs // 10)
        last = _wait_until(admin, kind, jobs * 9 // 10)
    return (last[1] - first[1]) / (last[0] - first[0])


def _wait_until(admin: psycopg.Connection[TupleRow], kind: str, wanted: int) -> tuple[float, int]:
    """When at least so many were done, and how many it were."""
    while True:
        row = admin.execute(_DONE[kind].encode()).fetchone()
        assert row is not None
        if row[0] >= wanted:
            return time.perf_counter(), row[0]
        time.sleep(0.01)


async def _queue(urls: DatabaseUrls, kind: str, jobs: int) -> None:
    if kind == "pgqueuer":
        bare = await asyncpg.connect(urls.admin)
        await Queries.from_asyncpg_connection(bare).enqueue(["return"] * jobs, [None] * jobs, [0] * jobs)
        await bare.close()
        return
    database = await Database.open(urls, pool_size=1)
    tenant_id = await create_tenant(database, f"tenant {new_id()}")
    async with database.transaction(tenant_id) as connection:
        for _ in range(jobs):
            await returning.enqueue(connection, tenant_id, NoInput())
    await database.close()


@contextmanager
def _workers(urls: DatabaseUrls, kind: str, count: int) -> Iterator[None]:
    text = json.dumps(dataclasses.asdict(urls)).encode()
    command = [sys.executable, "-m", "benchmarks.jobs_worker", kind]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(count)]
    try:
        for process in processes:
            assert process.stdin is not None
            process.stdin.write(text)
            process.stdin.close()
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()
