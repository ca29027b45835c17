"""Measures history: pages of the ledger, imports and verification. Writes `benchmarks/history.json`; docs/benchmarks.md says how to read it.

    python -m benchmarks.history [--quick]

`--quick` makes everything a hundredth of the size, to see that the script works; its figures go to standard output and are not published.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import history_import, history_pages, history_verification
from benchmarks.measuring import run
from factbook.database.embedded import embedded_server
from factbook.database.migrate import migrate_up
from factbook.database.urls import DatabaseUrls

SECRET = "benchmark"  # noqa: S105  # a scratch server's


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything."""

    customers: int
    jobs_per_customer: int
    small_customers: int
    import_events: int
    verify_customers: int
    rounds: int


FULL = Sizes(customers=900, jobs_per_customer=400, small_customers=9, import_events=1_000_000, verify_customers=40, rounds=1000)
QUICK = Sizes(customers=9, jobs_per_customer=40, small_customers=2, import_events=10_000, verify_customers=4, rounds=100)


class Scratch:
    """A server of the benchmark's own and fresh, migrated databases on it."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url

    def database(self, name: str) -> DatabaseUrls:
        """A new database with every migration applied."""
        with psycopg.connect(self._server_url, autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            server.execute(f"CREATE DATABASE {name}")
        urls = DatabaseUrls.derive(self._server_url, SECRET).for_database(name)
        migrate_up(urls, SECRET)
        return urls

    def server_version(self) -> str:
        """The version of PostgreSQL that runs."""
        with psycopg.connect(self._server_url) as server:
            return str(server.info.server_version // 10000) + "." + str(server.info.server_version % 10000)


@contextmanager
def scratch_server() -> Iterator[Scratch]:
    """An embedded server in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="factbook-benchmark-") as folder, embedded_server(Path(folder) / "data") as url:
        yield Scratch(url)


def measure(sizes: Sizes) -> dict[str, Any]:
    """Every measurement, one after another on one server."""
    with scratch_server() as scratch:
        figures: dict[str, Any] = {"postgresql": scratch.server_version()}
        figures["pages"] = asyncio.run(history_pages.measure(scratch.database, sizes))
        figures["import"] = history_import.measure(scratch.database, sizes.import_events)
        figures["verification"] = asyncio.run(history_verification.measure(scratch.database, sizes.verify_customers, sizes.jobs_per_customer))
    return figures


if __name__ == "__main__":
    run("history", measure, FULL, QUICK)
