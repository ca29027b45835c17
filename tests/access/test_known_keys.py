"""Keys that a process knows: no round trip for a valid one, and none of them outlives its revocation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from factbook.access import PrincipalKind, Scope, authenticate, create_key, revoke_key
from factbook.access.keys import Key, parse_key
from factbook.cache import BOUND_SECONDS, Cache
from factbook.database.pools import Connection, Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel.ids import new_id


class CountingDatabase(Database):
    """Counts how often it is asked outside tenants."""

    def __init__(self, database: Database) -> None:
        super().__init__(database._writers, database._readers)
        self.asked = 0

    @asynccontextmanager
    async def outside_tenants(self) -> AsyncIterator[Connection]:
        self.asked += 1
        async with super().outside_tenants() as connection:
            yield connection


@pytest.fixture
def counting(database: Database) -> CountingDatabase:
    """The database, counting."""
    return CountingDatabase(database)


@pytest.fixture
async def key(database: Database, tenant_id: UUID) -> Key:
    """A valid key."""
    found = parse_key(await create_key(database, tenant_id, PrincipalKind.SERVICE, "agent", [Scope.ADMIN]))
    assert found is not None
    return found


async def test_a_known_key_costs_no_round_trip_and_is_the_same_principal(counting: CountingDatabase, cache: Cache, key: Key) -> None:
    asked = await authenticate(counting, key.text())
    first = await authenticate(counting, key.text(), cache)
    before = counting.asked
    assert [await authenticate(counting, key.text(), cache) for _ in range(5)] == [asked] * 5 == [first] * 5
    assert counting.asked == before


async def test_a_wrong_secret_and_an_unknown_key_each_cost_one_round_trip_every_time(counting: CountingDatabase, cache: Cache, key: Key) -> None:
    await authenticate(counting, key.text(), cache)
    for wrong in (Key(key.tenant_id, key.id, bytes(32)), Key(key.tenant_id, new_id(), key.secret), Key(new_id(), key.id, key.secret)):
        for _ in range(2):
            before = counting.asked
            assert await authenticate(counting, wrong.text(), cache) is None
            assert counting.asked == before + 1


async def test_a_revoked_key_opens_nothing_once_the_bound_is_over(database: Database, urls: DatabaseUrls, key: Key) -> None:
    caches = [await Cache.open(urls.reader, None) for _ in range(3)]
    try:
        for cache in caches:
            assert await authenticate(database, key.text(), cache) is not None
        assert await revoke_key(database, key.tenant_id, key.id)
        await asyncio.sleep(BOUND_SECONDS)
        assert [await authenticate(database, key.text(), cache) for cache in caches] == [None] * 3
    finally:
        for cache in caches:
            await cache.close()
