"""The statements of invalidation: what a writer says in its transaction, and what a listener says on its connection."""

from collections.abc import Sequence

import asyncpg

from factbook.cache.model import PROCESS_ONLY, Key
from factbook.cache.payload import CHANNEL, written
from factbook.database.pools import Connection


async def notify(connection: Connection, key: Key, version: int) -> None:
    """`notify_all` of one key."""
    await notify_all(connection, [(key, version)])


async def notify_all(connection: Connection, changes: Sequence[tuple[Key, int]]) -> None:
    """Tell every cache of these keys' new versions, once the transaction commits. For writers that have no cache themselves.

    Must be the last thing the writing transaction does: it queues behind others from here to its commit. Since nobody has told the shared
    tier, its epoch is raised, and all it holds is distrusted.
    """
    # The keys come first: nobody may take the new epoch for good while it still holds an old value.
    await notify_of_keys(connection, changes)
    if any(key.kind not in PROCESS_ONLY for key, _ in changes):
        await connection.execute("SELECT raise_cache_epoch()")


async def notify_of_keys(connection: Connection, changes: Sequence[tuple[Key, int]]) -> None:
    """Tell every cache of these keys' new versions, once the transaction commits. For a writer whose tombstones stand in the shared tier."""
    payloads = [written(key, version) for key, version in changes]
    await connection.execute("SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload", CHANNEL, payloads)


async def ping(listener: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Have the server answer. What it has heard for this connection comes before the answer."""
    await listener.execute("SELECT 1")


async def tell_epoch(listener: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Have the epoch that stands told to everybody who listens, this connection included."""
    await listener.execute("SELECT tell_cache_epoch()")


async def raise_epoch(listener: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Raise the epoch and tell everybody, in a transaction that the reader must ask for, since its own are read-only."""
    await listener.execute("SET TRANSACTION READ WRITE; SELECT raise_cache_epoch()")
