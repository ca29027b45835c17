"""Caches as processes have them: each with its own listening connection, before one real Valkey and the worker's own database."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from factbook.cache import Cache, Limits
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from tests.cache.world import World, reads_shared, until
from tests.faults.valkey import Valkey


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    made = Valkey(tmp_path_factory.mktemp("valkey"))
    made.start()
    yield made
    made.kill()


@pytest.fixture
def valkey(server: Valkey) -> Iterator[Valkey]:
    """The server, empty, and running again afterwards whatever the test did to it."""
    server.command("FLUSHALL")
    yield server
    server.kill()
    server.start()


@dataclass
class Caches:
    """Opens caches and closes them after the test."""

    urls: DatabaseUrls
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    opened: list[Cache] = field(default_factory=list)

    async def open(self, redis_url: str | None = None, limits: Limits | None = None, listen_url: str | None = None) -> Cache:
        """A cache that listens and, with Redis, uses it."""
        cache = await self.open_whatever_is_away(redis_url, listen_url, limits)
        await until(lambda: cache.state() == ("ok" if redis_url else "off"), "the cache to be ready")
        if redis_url:
            await until(lambda: reads_shared(cache), "the cache to read the shared tier")
        return cache

    async def open_whatever_is_away(self, redis_url: str | None, listen_url: str | None = None, limits: Limits | None = None) -> Cache:
        """A cache that may not listen and not reach Redis."""
        cache = await Cache.open(listen_url or self.urls.reader, redis_url, limits or Limits())
        self.stack.push_async_callback(cache.close)
        self.opened.append(cache)
        return cache


@pytest.fixture
async def caches(urls: DatabaseUrls) -> AsyncIterator[Caches]:
    made = Caches(urls)
    yield made
    await made.stack.aclose()


@pytest.fixture
async def world(database: Database, tenant_id: UUID) -> World:
    """What is true, in place of a table: one value with its version."""
    return World(database, tenant_id)
