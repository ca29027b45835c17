"""The stores under test, and who acts in them."""

from uuid import UUID

import pytest

from factbook.access import Principal, PrincipalKind, Scope, authenticate, create_key, create_tenant
from factbook.cache import Cache
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from factbook.profile.backend import Actor, Backend
from factbook.profile.sealing.master_keys import MasterKeys
from factbook.profile.stores.cached import CachedProfileStore
from factbook.profile.stores.in_memory import InMemoryProfileStore
from factbook.profile.stores.postgres import PostgresProfileStore
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
