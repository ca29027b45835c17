"""One run of bringing an old table in, or of taking it back, in a process of its own, so that its memory is its own.

    python -m benchmarks.persona_migration_run migrate|undo FILE ADMIN OWNER WRITER READER QUEUE

Prints what came of it as JSON: counts, seconds, rows per second, percentiles of the time of a batch, and the process's memory at its largest.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.measuring import percentiles
from factbook.access import create_tenant
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.persona import migrate_personas, opened_source, take_back_personas


async def run(kind: str, path: str, urls: DatabaseUrls) -> dict[str, Any]:
    """The figures of one run for the one tenant of these benchmarks."""
    database = await Database.open(urls, pool_size=2)
    tenant = await create_tenant(database, "benchmark")
    batches: list[float] = []
    async with opened_source(path) as source:
        begun = last = time.perf_counter()

        def progress(_: int) -> None:
            nonlocal last
            now = time.perf_counter()
            batches.append(now - last)
            last = now

        if kind == "undo":
            report = await take_back_personas(database, tenant, source, lambda _: None, progress)
        else:
            report = await migrate_personas(database, tenant, source, lambda _: None, progress, dry_run=False)
        seconds = time.perf_counter() - begun
    await database.close()
    assert report.read_digest == report.stored_digest
    return {
        "read": report.read,
        "done": report.done,
        "unchanged": report.unchanged,
        "not_taken": report.refused,
        "seconds": round(seconds, 1),
        "rows_per_second": round(report.read / seconds),
        "batch": percentiles(batches),
        "peak_memory_mib": peak_memory_mib(),
    }


def peak_memory_mib() -> float:
    """The most memory that this process had at once. What `getrusage` says would be at least the memory of the process that began this one."""
    (line,) = [line for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:")]
    return round(int(line.split()[1]) / 1024, 1)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(sys.argv[1], sys.argv[2], DatabaseUrls(*sys.argv[3:])))))
