"""What tests of scenarios begin with."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.access import create_tenant
from factbook.cache import Cache
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from factbook.profile import Backend, MasterKeys
from tests.calling import Caller


@pytest.fixture
def agent() -> str:
    """The id of an agent nobody heard of."""
    return str(new_id())


@pytest.fixture
def backend(database: Database, masters: MasterKeys, cache: Cache) -> Backend:
    """What a worker's operations work with."""
    return Backend(database, masters, cache)


@pytest.fixture
async def stranger(app: FastAPI, database: Database) -> AsyncIterator[AsyncClient]:
    """A human with every scope in another tenant."""
    caller = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    yield await caller.client()
    await caller.close()
