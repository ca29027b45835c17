"""Measures an import: its rate against a bare COPY of the very rows it recorded, and the peak memory of the importing process.

The baseline copies the rows, parents first, into an empty database with the same keys, checks and triggers. It is taken twice: of the truth
alone, and with the rows of the ledger that the import also writes.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.measuring import ratio
from factbook.database.urls import DatabaseUrls

SECRET = "benchmark"  # noqa: S105  # a scratch server's
EVENTS_PER_TRACE = 8
TRACES_PER_CUSTOMER = 10
# Copying goes past row-level security, which only the scratch server's superuser may.
_TRUTH = (
    "customers",
    "workflow_versions",
    "flow_groups",
    "jobs",
    "flows",
    "node_activations",
    "task_starts",
    "task_outcomes",
    "evidence",
    "flow_statuses",
)
_DERIVED = ("workflow_names", "ledger_entries")
_START = datetime(2020, 1, 1, tzinfo=UTC)


def measure(database: Callable[[str], DatabaseUrls], events: int) -> dict[str, Any]:
    """Import so many events, then copy what came of them."""
    imported, copied = database("imported"), database("copied")
    with tempfile.TemporaryDirectory(prefix="factbook-import-") as folder:
        log = Path(folder) / "log.xes"
        write_log(log, events)
        seconds, peak_mib = _import(log, imported)
        rows, copy_seconds = _copy(imported, copied, _TRUTH, Path(folder))
        derived_rows, derived_seconds = _copy(imported, copied, _DERIVED, Path(folder))
    import_rate, copy_rate = rows / seconds, rows / copy_seconds
    return {
        "events": events,
        "file_mib": round(log_mib(events), 1),
        "truth_rows": rows,
        "ledger_rows": derived_rows,
        "import_seconds": round(seconds, 1),
        "import_rows_per_second": round(import_rate),
        "bare_copy_seconds": round(copy_seconds, 1),
        "bare_copy_rows_per_second": round(copy_rate),
        "import_to_bare_copy": ratio(import_rate, copy_rate),
        "import_to_bare_copy_with_ledger": ratio(copy_seconds + derived_seconds, seconds),
        "peak_memory_mib": peak_mib,
    }


def log_mib(events: int) -> float:
    """The size of a log of so many events, from one small one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.xes"
        write_log(path, 8000)
        return path.stat().st_size / 8000 * events / 2**20


def write_log(path: Path, events: int) -> None:
    """An event log of traces that overlap in time."""
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<log xmlns="http://www.xes-standard.org/">\n<string key="concept:name" value="Benchmark"/>\n'
        )
        for number in range(events // EVENTS_PER_TRACE):
            file.write(_trace(number))
        file.write("</log>\n")


def _trace(number: int) -> str:
    begin = _START + timedelta(seconds=7 * number)
    events = "".join(
        f'<event><string key="concept:name" value="Step {step}"/><string key="org:resource" value="Agent {(number + step) % 20}"/>'
        f'<string key="lifecycle:transition" value="complete"/><string key="product" value="Product {number % 9}"/>'
        f'<date key="time:timestamp" value="{(begin + timedelta(minutes=3 * step)).isoformat()}"/></event>\n'
        for step in range(EVENTS_PER_TRACE)
    )
    customer = f'<string key="customer" value="Customer {number // TRACES_PER_CUSTOMER}"/>'
    return f'<trace><string key="concept:name" value="Case {number}"/>{customer}\n{events}</trace>\n'


def _import(log: Path, urls: DatabaseUrls) -> tuple[float, float]:
    """Seconds and peak memory in MiB of `factbook import xes`, the whole process."""
    command: Sequence[str | Path] = (
        Path(sys.executable).parent / "factbook",
        "import",
        "xes",
        log,
        "--tenant",
        "benchmark",
        "--customer-key",
        "customer",
    )
    environment = os.environ | {"FACTBOOK_DATABASE_URL": urls.admin, "FACTBOOK_DATABASE_ROLE_SECRET": SECRET}
    began = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    # Kibibytes on Linux. The largest child so far; no other child of this script comes near.
    return seconds, round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1)


def _copy(source: DatabaseUrls, target: DatabaseUrls, tables: Sequence[str], folder: Path) -> tuple[int, float]:
    """Rows and seconds of COPY into the tables of the target, one transaction per table; reading them out beforehand is not counted."""
    rows, seconds = 0, 0.0
    with psycopg.connect(source.admin) as reading, psycopg.connect(target.admin, autocommit=True) as writing:
        for connection in (reading, writing):
            connection.execute("SET search_path = factbook")
        if tables is _TRUTH:
            tables = ("tenants", *tables)
        for table in tables:
            kept = folder / f"{table}.copy"
            with kept.open("wb") as file, reading.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as out:
                for block in out:
                    file.write(block)
            began = time.perf_counter()
            with kept.open("rb") as file, writing.cursor() as cursor:
                with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as into:
                    while block := file.read(1 << 20):
                        into.write(block)
                rows += cursor.rowcount
            seconds += time.perf_counter() - began
    return rows, seconds
