"""Measures bringing in an old table of personas: a hundred thousand rows with odd ones among them, the same rows again, and the way back.

    python -m benchmarks.persona_migration [--quick]

Writes `benchmarks/persona_migration.json`; docs/benchmarks.md says how to read it. `--quick` makes everything a hundredth of the size. The baseline
is a bare COPY of the rows that came of it, into an empty database with the same keys, checks and triggers.
"""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.history import scratch_server
from benchmarks.measuring import FOLDER, ratio, run
from factbook.database.urls import DatabaseUrls
from tests.persona.migrating.old_rows import GOOD_OF_A_HUNDRED, OF_A_HUNDRED, json_lines_of

_TABLES = ("migrated_personas", "persons", "person_data", "personas")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rows; a multiple of four hundred."""

    rows: int


FULL = Sizes(rows=100_000)
QUICK = Sizes(rows=1200)


def measure(sizes: Sizes) -> dict[str, Any]:
    """Each run in a process of its own, so that its memory is its own."""
    with scratch_server() as scratch, tempfile.TemporaryDirectory(prefix="factbook-personas-") as folder:
        source, quarter = [_written(Path(folder) / f"{rows}.jsonl", rows) for rows in (sizes.rows, sizes.rows // 4)]
        migrated, copied = scratch.database("migrated"), scratch.database("copied")
        figures: dict[str, Any] = {
            "postgresql": scratch.server_version(),
            "rows": sizes.rows,
            "file_mib": round(source.stat().st_size / 2**20, 1),
            "quarter": migration("migrate", quarter, scratch.database("quarter")),
            "first_run": migration("migrate", source, migrated),
            "second_run": migration("migrate", source, migrated),
        }
        taken, again = figures["first_run"], figures["second_run"]
        assert taken["done"] == GOOD_OF_A_HUNDRED * sizes.rows // OF_A_HUNDRED
        assert (again["done"], again["unchanged"]) == (0, taken["done"] + taken["unchanged"])
        figures["memory_to_quarter"] = ratio(figures["first_run"]["peak_memory_mib"], figures["quarter"]["peak_memory_mib"])
        seconds = _copy(migrated, copied, Path(folder))
        figures["bare_copy_seconds"] = round(seconds, 1)
        figures["first_run_to_bare_copy"] = ratio(seconds, figures["first_run"]["seconds"])
        figures["undo"] = migration("undo", source, migrated)
        assert figures["undo"]["done"] == taken["done"]
    return figures


def _written(path: Path, rows: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json_lines_of(rows))
    return path


def migration(kind: str, source: Path, urls: DatabaseUrls) -> dict[str, Any]:
    """The figures of one run, `migrate` or `undo`, of a process of its own."""
    command = [sys.executable, "-m", "benchmarks.persona_migration_run", kind, str(source), *astuple(urls)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=FOLDER.parent)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


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
