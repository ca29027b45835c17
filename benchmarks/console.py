"""Measures a customer's page against the calls of the API that it stands for. Writes `benchmarks/console.json`; docs/benchmarks.md says more.

    python -m benchmarks.console [--quick]

Page and calls go through the whole service in one process, in turns, by customers with 100,000 ledger entries, with a hundred, and with none. A page
is sent whole, so its first byte comes when it is rendered. `--quick` makes everything a hundredth of the size.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from httpx2 import ASGITransport, AsyncClient

from benchmarks.history import SECRET, scratch_server
from benchmarks.history_data import ENTRIES_PER_JOB, make_history
from benchmarks.measuring import percentiles, ratio, run
from factbook.access import PrincipalKind, Scope, create_key
from factbook.app import create_app
from factbook.database.opening import OpenedDatabase
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.edge import configure_logging
from factbook.settings import Settings

_HOST = "http://benchmark"
_FIELDS = 20


@dataclass(frozen=True, slots=True)
class Sizes:
    """Jobs of the largest customer, 25 entries each, and how often each page is asked for."""

    jobs: int
    rounds: int


FULL = Sizes(jobs=4_000, rounds=200)
QUICK = Sizes(jobs=40, rounds=10)


def measure(sizes: Sizes) -> dict[str, Any]:
    """Every customer, one after another. Requests are not logged: page and calls would pay for it differently."""
    configure_logging("error")
    with scratch_server() as scratch, tempfile.TemporaryDirectory() as folder:
        urls = scratch.database("console")
        customers = {"large": (sizes.jobs, urls), "small": (4, scratch.database("console_small"))}
        figures: dict[str, Any] = {"postgresql": scratch.server_version()}
        for name, (jobs, database) in customers.items():
            tenant = make_history(database.admin, 1, jobs)
            opened = OpenedDatabase(database, SECRET)
            figures[name] = {"entries": jobs * ENTRIES_PER_JOB, "fields": _FIELDS} | asyncio.run(
                _measured(opened, tenant.id, tenant.customers[0], Path(folder), sizes.rounds)
            )
        figures["none"] = {"entries": 0, "fields": 0} | asyncio.run(_of_nobody(urls, Path(folder), sizes.rounds))
    return figures


async def _of_nobody(urls: DatabaseUrls, folder: Path, rounds: int) -> dict[str, Any]:
    """The page of a customer of whom nothing is known."""
    tenant = make_history(urls.admin, 1, 0)
    return await _measured(OpenedDatabase(urls, SECRET), tenant.id, tenant.customers[0], folder, rounds, is_known=False)


async def _measured(opened: OpenedDatabase, tenant_id: UUID, customer: UUID, folder: Path, rounds: int, *, is_known: bool = True) -> dict[str, Any]:
    app = create_app(Settings(data_dir=folder), opened)
    async with app.router.lifespan_context(app), AsyncClient(transport=ASGITransport(app), base_url=_HOST, timeout=60) as client:
        database: Database = app.state.database
        key = await create_key(database, tenant_id, PrincipalKind.HUMAN, "Benchmark", frozenset(Scope))
        client.headers["authorization"] = f"Bearer {key}"
        if is_known:
            for number in range(_FIELDS):
                said = {"value": f"value {number}", "source": "user_provided"}
                (await client.put(f"/v1/customers/{customer}/profile/fields/field_{number}", json=said)).raise_for_status()
        assert (await client.post("/console/sign-in", data={"key": key})).status_code == 303
        return await _compared(client, customer, rounds)


async def _compared(client: AsyncClient, customer: UUID, rounds: int) -> dict[str, Any]:
    page = [f"/console/customers/{customer}"]
    of_customer = f"/v1/customers/{customer}"
    calls = [
        f"{of_customer}/profile",
        f"{of_customer}/history?limit=50",
        f"{of_customer}/vault?limit=12",
        f"{of_customer}/signals",
        f"{of_customer}/summary",
    ]
    times: dict[str, list[float]] = {"page": [], "calls": []}
    for _ in range(3):
        size = await _asked(client, page)
        await _asked(client, calls)
    for _ in range(rounds):
        for name, addresses in (("page", page), ("calls", calls)):
            begun = time.perf_counter()
            await _asked(client, addresses)
            times[name].append(time.perf_counter() - begun)
    found = {name: percentiles(taken) for name, taken in times.items()}
    return {"page_bytes": size, **found, "page_to_calls": ratio(found["page"]["p50_us"], found["calls"]["p50_us"])}


async def _asked(client: AsyncClient, addresses: Sequence[str]) -> int:
    """Ask for each in turn; the bytes of all answers, each a 200."""
    size = 0
    for address in addresses:
        answer = await client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        size += len(answer.content)
    return size


if __name__ == "__main__":
    run("console", measure, FULL, QUICK)
