"""The only way into the database while serving: a writer's transaction or a reader's snapshot, both tied to one tenant.

The tenant is set with SET LOCAL in the same round trip that begins the transaction, so it ends with the transaction and a pooled
connection never carries it over. For that reason the pools need no reset query between uses.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from factbook.database.urls import DatabaseUrls

# The driver's classes are generic for type checkers only.
Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

_ROLL_BACK_SECONDS = 5
_BEGIN_WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
# Nobody waits for the disk. Whatever is committed durably later takes this along, since the log of writes is one.
_BEGIN_UNHURRIED = f"{_BEGIN_WRITING}; SET LOCAL synchronous_commit = off"
_BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class _Session(asyncpg.Connection):
    """A connection whose state lives in transactions alone: nothing to reset when it goes back to the pool."""

    def get_reset_query(self) -> str:
        return ""


class Database:
    """The two pools of one process. Open it once, close it at shutdown."""

    def __init__(self, writers: Pool, readers: Pool) -> None:
        self._writers = writers
        self._readers = readers

    @classmethod
    async def open(cls, urls: DatabaseUrls, pool_size: int) -> "Database":
        """Connect both pools. `pool_size` is the most connections each of them opens."""
        return cls(await _open_pool(urls.writer, pool_size), await _open_pool(urls.reader, pool_size))

    async def close(self) -> None:
        """Wait for connections in use, then close all of them."""
        await self._writers.close()
        await self._readers.close()

    @asynccontextmanager
    async def transaction(self, tenant_id: UUID) -> AsyncIterator[Connection]:
        """A writing transaction of the tenant. It commits when the block ends and rolls back when the block raises."""
        async with self._writers.acquire() as connection, _tenant_transaction(connection, _BEGIN_WRITING, tenant_id):
            yield connection

    @asynccontextmanager
    async def unhurried_transaction(self, tenant_id: UUID) -> AsyncIterator[Connection]:
        """A writing transaction that a server may lose which crashes within the next second, as long as nothing after it has been made durable.

        For notes that matter while the server lives, and that are made again when it does not. Never for what a caller was told is stored.
        """
        async with self._writers.acquire() as connection, _tenant_transaction(connection, _BEGIN_UNHURRIED, tenant_id):
            yield connection

    @asynccontextmanager
    async def reading(self, tenant_id: UUID) -> AsyncIterator[Connection]:
        """One snapshot of the tenant's data, on the role that cannot write. Every statement in the block sees the same state."""
        async with self._readers.acquire() as connection, _tenant_transaction(connection, _BEGIN_READING, tenant_id):
            yield connection

    @asynccontextmanager
    async def outside_tenants(self) -> AsyncIterator[Connection]:
        """A reader's connection without a tenant, each statement a transaction of its own.

        It sees no row of any tenant. It is for database functions: those that say who is who, and hot reads that set the tenant themselves.
        """
        async with self._readers.acquire() as connection:
            yield connection


async def _open_pool(url: str, size: int) -> Pool:
    return await asyncpg.create_pool(url, min_size=1, max_size=size, connection_class=_Session, command_timeout=65)


@asynccontextmanager
async def _tenant_transaction(connection: Connection, begin: str, tenant_id: UUID) -> AsyncIterator[None]:
    try:
        # A UUID's text is hexadecimal and hyphens only, whatever it was made from, so it can stand in the statement itself.
        await connection.execute(f"{begin}; SET LOCAL factbook.tenant = '{UUID(int=tenant_id.int)}'")
        yield
    except BaseException:
        await _roll_back(connection)
        raise
    # After a refused statement the server answers a COMMIT with ROLLBACK, and without an error.
    if await connection.execute("COMMIT") != "COMMIT":
        raise asyncpg.InFailedSQLTransactionError("nothing was stored: a statement of the transaction was refused, and the block went on")


async def _roll_back(connection: Connection) -> None:
    """Take the transaction back. A server that does not answer must not keep a place in the pool, so its connection is given up."""
    try:
        await connection.execute("ROLLBACK", timeout=_ROLL_BACK_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        with suppress(asyncpg.InterfaceError):  # the driver has let go of a connection that was cut
            connection.terminate()
