"""Something that changes: one key, its version, and writers who announce what they did as the service does."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from prometheus_client import REGISTRY

from factbook.cache import Cache, Entry, Key, notify
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from tests.faults.valkey import Valkey

_PATIENCE_SECONDS = 30.0


async def until(wanted: Callable[[], bool], what: str) -> None:
    """Wait until it is so; the test fails when it never is."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not wanted():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0.01)


def counted(name: str, **labels: str) -> float:
    """What a counter of the cache shows."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def held_by(valkey: Valkey) -> bytes:
    """Everything that the server holds, run together."""
    return b"".join(valkey.command("GET", name) for name in valkey.names())


def has_heard(cache: Cache, key: Key, version: int) -> bool:
    """Whether the cache knows that nothing below the version is true any more."""
    return not cache._floors.admit(key, Entry(version - 1, b""))


def reads_shared(cache: Cache) -> bool:
    """Whether a miss would ask the shared tier now."""
    return cache._sharing.readable_epoch() is not None


async def reads_at_last(world: "World", cache: Cache, version: int) -> None:
    """Wait until the cache gives the version."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while await world.read(cache) != version:
        assert time.monotonic() < deadline, "the older version is served for ever"
        await asyncio.sleep(0.01)


@dataclass
class World:
    """The truth about one key. `loads` counts how often somebody asked for it."""

    database: Database
    tenant_id: UUID
    version: int = 1
    loads: int = 0
    valid_until: datetime | None = None
    key: Key = field(init=False)
    other_key: Key = field(init=False)

    def __post_init__(self) -> None:
        self.key = Key(self.tenant_id, "profile", str(new_id()))
        self.other_key = Key(self.tenant_id, "profile", str(new_id()))

    def entry(self) -> Entry:
        return Entry(self.version, f"version {self.version}".encode(), self.valid_until)

    async def load(self) -> Entry:
        self.loads += 1
        return self.entry()

    async def read(self, cache: Cache) -> int:
        """The version that the cache gives, whose body must belong to it."""
        entry = await cache.get(self.key, self.load)
        assert entry.body == f"version {entry.version}".encode()
        return entry.version

    async def write(self, cache: Cache | None) -> None:
        """Change the truth by one version, with a cache or without, up to the acknowledgement."""
        async with self.database.transaction(self.tenant_id) as connection:
            if cache is None:
                await notify(connection, self.key, self.version + 1)
            else:
                await cache.announce_all(connection, [(self.key, self.version + 1)])
        self.version += 1
        if cache is not None:
            cache.settle(self.key, self.version)

    async def write_another(self, cache: Cache) -> None:
        """Announce version 1 of another key."""
        async with self.database.transaction(self.tenant_id) as connection:
            await cache.announce_all(connection, [(self.other_key, 1)])

    async def write_and_take_back(self, cache: Cache) -> None:
        """Announce a version in a transaction that is rolled back, with a `ZeroDivisionError`."""
        async with self.database.transaction(self.tenant_id) as connection:
            await cache.announce_all(connection, [(self.key, self.version + 1)])
            raise ZeroDivisionError
