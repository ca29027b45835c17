"""Reads rows out of the old table where it stands, through a cursor in one snapshot. Nothing is written there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from factbook.persona.migrating.files import SourceUnreadableError
from factbook.persona.migrating.model import COLUMNS, RawRow

_AT_ONCE = 200
# Everything as a text, so that a row is judged here and not by a driver that stops at the first odd one.
_ROWS = f"SELECT {', '.join(f'{name}::text' for name in COLUMNS)} FROM personas"


class OldTable:
    """The table `personas` of a database, in one snapshot."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection

    async def count(self) -> int:
        """How many rows there are."""
        rows: int = await self._connection.fetchval("SELECT count(*) FROM personas")
        return rows

    async def rows(self) -> AsyncIterator[RawRow]:
        """Each row, in the order in which the table holds them."""
        number = 0
        try:
            async for record in self._connection.cursor(_ROWS, prefetch=_AT_ONCE):
                number += 1
                yield RawRow(f"row {number}", dict(record))
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            raise SourceUnreadableError("The old table cannot be read any further.") from None


@asynccontextmanager
async def old_table(dsn: str) -> AsyncIterator[OldTable]:
    """The table, open while the block lasts. Raises SourceUnreadableError, also in the block, when it cannot be read."""
    settings = {"timezone": "UTC", "datestyle": "ISO", "synchronize_seqscans": "off", "default_transaction_read_only": "on"}
    try:
        connection = await asyncpg.connect(dsn, server_settings=settings, timeout=30)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError):
        raise SourceUnreadableError("The database of the old table cannot be reached.") from None
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await _check(connection)
            yield OldTable(connection)
    finally:
        await connection.close(timeout=5)


async def _check(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Raise SourceUnreadableError unless the columns can be read."""
    try:
        await connection.prepare(_ROWS)
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
        raise SourceUnreadableError(f"There is no table personas with the columns {', '.join(COLUMNS)} in that database.") from None
    except asyncpg.InsufficientPrivilegeError:
        raise SourceUnreadableError("The table personas of that database may not be read by this role.") from None
