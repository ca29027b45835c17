"""One engine and one system per run of these tests, on a database of their own: what other tests queue is none of their business."""

from collections.abc import AsyncIterator, Iterator

import pytest

from factbook.database.urls import DatabaseUrls
from tests.conftest import fresh_database
from tests.faults.hatchet import HatchetStandIn
from tests.jobs.hatchet.effects import make_tables
from tests.jobs.hatchet.system import System, running_system


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HatchetStandIn]:
    """The stand-in for the engine. It is not started."""
    stand_in = HatchetStandIn(tmp_path_factory.mktemp("hatchet"))
    yield stand_in
    stand_in.kill()


@pytest.fixture(scope="session")
def hatchet_urls(server_url: str, template: str, worker_id: str) -> DatabaseUrls:
    urls = fresh_database(server_url, template, f"hatchet_{worker_id}")
    make_tables(urls)
    return urls


@pytest.fixture(scope="session")
async def system(hatchet_urls: DatabaseUrls, engine: HatchetStandIn) -> AsyncIterator[System]:
    """The running system, with the engine running."""
    engine.start()
    async with running_system(hatchet_urls, engine.address, engine.token) as running:
        yield running
