"""The service as it is installed, with an engine in its settings: `factbook serve`, the worker beside it, and the process of the engine's runs."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from factbook.access import create_tenant
from factbook.composition.service import job_registry
from factbook.database.pools import Database
from factbook.database.urls import with_database
from factbook.kernel.ids import new_id
from factbook.settings import Settings
from tests.commands.processes import Installation, Service
from tests.conftest import ROLE_SECRET, fresh_database
from tests.faults.hatchet import HatchetStandIn
from tests.jobs.hatchet.processes import descendants, is_alive
from tests.jobs.hatchet.system import until

SCHEDULED = set(job_registry(Settings()).schedules)


@pytest.fixture
def own_stand_in(tmp_path: Path) -> Iterator[HatchetStandIn]:
    stand_in = HatchetStandIn(tmp_path)
    stand_in.start()
    yield stand_in
    stand_in.kill()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    yield made
    made.close()


async def test_serve_hands_its_jobs_to_the_engine_says_so_and_leaves_nothing_running(
    server_url: str, template: str, worker_id: str, installation: Installation, own_stand_in: HatchetStandIn
) -> None:
    name = f"hatchet_serve_{worker_id}"
    database = await Database.open(fresh_database(server_url, template, name), pool_size=2)
    tenant_id = await create_tenant(database, f"tenant {new_id()}")
    service = installation.serve(
        FACTBOOK_DATABASE_URL=with_database(server_url, name),
        FACTBOOK_DATABASE_ROLE_SECRET=ROLE_SECRET,
        FACTBOOK_HATCHET_ADDRESS=own_stand_in.address,
        FACTBOOK_HATCHET_TOKEN=own_stand_in.token,
        FACTBOOK_HATCHET_TLS="false",
    )

    async def all_done() -> bool:
        async with database.reading(tenant_id) as connection:
            done = await connection.fetch("SELECT name FROM queued_jobs WHERE tenant_id = $1 AND state = 'done'", tenant_id)
        return {row["name"] for row in done} >= SCHEDULED

    try:
        await until(all_done, "the engine to run what is due")
        assert {run.workflow for run in own_stand_in.runs()} >= SCHEDULED
        await until(lambda: asyncio.to_thread(says_ok, service), "the service to say that the engine is well")
        (handed_over,) = re.findall(r'^factbook_jobs_relayed_total{outcome="handed_over"} (\S+)$', service.get("/metrics").text, re.MULTILINE)
        assert float(handed_over) >= len(SCHEDULED)
        started = descendants(service.process.pid)
        assert any("factbook.cli.engine_runs" in command for command in started.values())
        service.process.terminate()
        assert await asyncio.to_thread(service.exit_code) == 0
        await until(lambda: _gone(started), "every process to end")
    finally:
        await database.close()


def says_ok(service: Service) -> bool:
    try:
        return bool(service.get("/readyz").json()["parts"]["hatchet"] == {"state": "ok"})
    except httpx2.ConnectError:  # it does not listen yet
        return False


async def _gone(processes: dict[int, str]) -> bool:
    return not any(is_alive(pid) for pid in processes)
