"""Measures bringing in an old table of personas: a hundred thousand rows with odd ones among them, the same rows again, and the way back.

    python -m benchmarks.persona_migration [--quick]

Writes `benchmarks/persona_migration.json`; docs/benchmarks.md says how to read it. `--quick` makes everything a hundredth of the size. The baseline
is a bare COPY of the rows that came of it, into an empty database with the same keys, checks and triggers.
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.history import scratch_server
from benchmarks.measuring import ratio, run
from factbook.database.urls import DatabaseUrls
from tests.persona.migrating.old_rows import json_lines_of

_TABLES = ("migrated_personas", "persons", "person_data", "personas")
_MEASURED = """
import asyncio, resource, sys, time
from factbook.access import create_tenant
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.persona import migrate_personas, opened_source, take_back_personas

async def main() -> None:
    database = await Database.open(DatabaseUrls(*sys.argv[3:]), pool_size=2)
    tenant = await create_tenant(database, "benchmark")
    async with opened_source(sys.argv[2]) as source:
        begun = time.perf_counter()
        if sys.argv[1] == "undo":
            report = await take_back_personas(database, tenant, source, lambda _: None, lambda _: None)
        else:
            report = await migrate_personas(database, tenant, source, lambda _: None, lambda _: None, dry_run=False)
        seconds = time.perf_counter() - begun
    assert report.read_digest == report.stored_digest
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(report.read, report.done, report.unchanged, report.refused, seconds, peak)
    await database.close()

asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rows; a multiple of a hundred."""

    rows: int


FULL = Sizes(rows=100_000)
QUICK = Sizes(rows=1000)


def measure(sizes: Sizes) -> dict[str, Any]:
    """Each measurement in a process of its own, so that its memory is its own."""
    with scratch_server() as scratch, tempfile.TemporaryDirectory(prefix="factbook-personas-") as folder:
        source = Path(folder) / "personas.jsonl"
        with source.open("w", encoding="utf-8") as file:
            file.writelines(json_lines_of(sizes.rows))
        migrated, copied = scratch.database("migrated"), scratch.database("copied")
        figures: dict[str, Any] = {
            "postgresql": scratch.server_version(),
            "rows": sizes.rows,
            "file_mib": round(source.stat().st_size / 2**20, 1),
            "first_run": _run("migrate", source, migrated),
            "second_run": _run("migrate", source, migrated),
        }
        seconds = _copy(migrated, copied, Path(folder))
        figures["bare_copy_seconds"] = round(seconds, 1)
        figures["first_run_to_bare_copy"] = ratio(seconds, figures["first_run"]["seconds"])
        figures["undo"] = _run("undo", source, migrated)
    return figures


def _run(kind: str, source: Path, urls: DatabaseUrls) -> dict[str, Any]:
    texts = [urls.admin, urls.owner, urls.writer, urls.reader]
    done = subprocess.run([sys.executable, "-c", _MEASURED, kind, source, *texts], capture_output=True, text=True, check=True, env=os.environ)
    read, taken, unchanged, refused, seconds, peak = map(float, done.stdout.split())
    return {
        "read": int(read),
        "done": int(taken),
        "unchanged": int(unchanged),
        "not_taken": int(refused),
        "seconds": round(seconds, 1),
        "rows_per_second": round(read / seconds),
        "peak_memory_mib": round(peak),
    }


def _copy(source: DatabaseUrls, target: DatabaseUrls, folder: Path) -> float:
    """Seconds that copying the rows in takes. Copying goes past row-level security, which only the scratch server's superuser may."""
    with psycopg.connect(source.admin) as old, psycopg.connect(target.admin) as new:
        seconds = 0.0
        for table in ("tenants", *_TABLES):
            path = folder / table
            with path.open("wb") as file, old.cursor().copy(f"COPY factbook.{table} TO STDOUT (FORMAT binary)") as out:
                for piece in out:
                    file.write(piece)
            begun = time.perf_counter()
            with path.open("rb") as file, new.cursor().copy(f"COPY factbook.{table} FROM STDIN (FORMAT binary)") as into:
                while piece := file.read(2**16):
                    into.write(piece)
            seconds += time.perf_counter() - begun
        begun = time.perf_counter()
        new.commit()
        return seconds + time.perf_counter() - begun


if __name__ == "__main__":
    run("persona_migration", measure, FULL, QUICK)
