"""The stores under test, who acts in them, and what HTTP tests begin with."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.access import Principal, PrincipalKind, Scope, authenticate, create_key, create_tenant
from factbook.cache import Cache
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from factbook.profile.backend import Actor, Backend
from factbook.profile.sealing.master_keys import MasterKeys
from factbook.profile.stores.cached import CachedProfileStore
from factbook.profile.stores.in_memory import InMemoryProfileStore
from factbook.profile.stores.postgres import PostgresProfileStore
from tests.calling import Caller
from tests.content.kept import KeptInFolder
from tests.conversations.inbox import create_customer
from tests.profile.stores import Subject, in_memory, on_postgres

STORES = ("in memory", "on PostgreSQL", "cached")


@pytest.fixture
async def human(database: Database, tenant_id: UUID) -> Principal:
    """Somebody who may do everything in the test's own tenant."""
    principal = await authenticate(database, await create_key(database, tenant_id, PrincipalKind.HUMAN, "Ada", Scope))
    assert principal is not None
    return principal


@pytest.fixture
def backend(database: Database, masters: MasterKeys) -> Backend:
    """What the operations work with, without a cache."""
    return Backend(database, masters)


@pytest.fixture(params=STORES)
async def subject(request: pytest.FixtureRequest, database: Database, human: Principal, masters: MasterKeys, cache: Cache) -> Subject:
    """Each store in turn, acting for a human."""
    actor = Actor.of(human)
    if request.param == "in memory":
        return in_memory(InMemoryProfileStore(actor))
    other = await create_tenant(database, f"tenant {new_id()}")
    if request.param == "on PostgreSQL":
        return on_postgres(PostgresProfileStore(Backend(database, masters), actor), database, human, other)
    return on_postgres(CachedProfileStore(Backend(database, masters, cache), actor, cache), database, human, other)


@pytest.fixture
async def customer(client: AsyncClient) -> str:
    """The id of a customer of whom nothing is known yet."""
    return await create_customer(client)


@pytest.fixture
async def stranger(app: FastAPI, database: Database) -> AsyncIterator[AsyncClient]:
    """A human with every scope in another tenant."""
    caller = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    yield await caller.client()
    await caller.close()


@pytest.fixture
def kept(app: FastAPI, tmp_path: Path) -> Iterator[KeptInFolder]:
    """A content store of the test's own, with its inside in reach."""
    before = app.state.content
    made = KeptInFolder(tmp_path / "content")
    app.state.content = made.store
    yield made
    app.state.content = before


@pytest.fixture
async def foreign_customer(stranger: AsyncClient) -> str:
    """The id of a customer of the other tenant."""
    return await create_customer(stranger, "theirs", "api")
