"""One engine and one system for all of these tests, on a database of their own: what other tests queue is none of their business.

The engine is the real one where there is one, and a stand-in for it everywhere. The system is running before its engine is.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from factbook.database.urls import with_database
from factbook.jobs.hatchet.model import EngineState
from tests.conftest import fresh_database
from tests.faults.hatchet import HatchetStandIn
from tests.faults.hatchet_engine import HatchetEngine, find_engine, missing_engine
from tests.jobs.hatchet.effects import Task, make_tables, mark
from tests.jobs.hatchet.system import System, running_system

REAL, STAND_IN = "engine", "stand-in"
MISSING = missing_engine()
ENGINES = [STAND_IN] if MISSING else [STAND_IN, REAL]


AnyEngine = HatchetStandIn | HatchetEngine


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest, server_url: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnyEngine]:
    """The real engine, or the stand-in for it. It has been killed, if it ever ran."""
    folder = tmp_path_factory.mktemp("hatchet")
    made = HatchetStandIn(folder) if request.param == STAND_IN else _real_engine(server_url, worker_id, folder)
    yield made
    made.kill()


@pytest.fixture(scope="session")
def stand_in(engine: AnyEngine) -> HatchetStandIn:
    """For tests that tell it where to die or look into it, which the real engine does not let them."""
    assert isinstance(engine, HatchetStandIn)
    return engine


def _real_engine(server_url: str, worker_id: str, folder: Path) -> HatchetEngine:
    binary = find_engine()
    name = f"hatchet_engine_{worker_id}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name}")
    engine = HatchetEngine(binary, with_database(server_url, name), folder)
    engine.start()  # it says its token only when it runs
    engine.kill()
    return engine


@pytest.fixture(scope="session")
async def system(server_url: str, template: str, worker_id: str, engine: AnyEngine) -> AsyncIterator[System]:
    """The running system, with the engine running. It was there before the engine was, and a job was queued meanwhile."""
    urls = fresh_database(server_url, template, f"hatchet_{worker_id}")
    make_tables(urls)
    async with running_system(urls, engine.address, engine.token) as running:
        await running.engine_is(EngineState.UNREACHABLE)
        tenant_id = await running.new_tenant()
        running.queued_without_engine = tenant_id, await running.enqueue(tenant_id, mark, Task())
        await asyncio.to_thread(engine.start)
        await running.engine_is(EngineState.OK)
        yield running
