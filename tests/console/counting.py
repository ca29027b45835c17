"""Counts what a request asks of the database: every statement of the service's pools, those that begin and end a transaction aside."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

import pytest
from asyncpg.connection import LoggedQuery
from httpx2 import AsyncClient

from factbook.database.pools import Connection, Database

# Whether a key is valid is asked of the cache, which asks the database now and then, whatever page is read.
_OF_THE_CACHE = "key_claims("
# What a page may cost.
MOST = 8
_WAYS = ("transaction", "unhurried_transaction", "reading", "outside_tenants")


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """The statements that are sent within the block, in whichever database of this process.

    A logger is put on a connection once its transaction has begun and taken off before it ends, so BEGIN, SET LOCAL and COMMIT are not among them.
    """
    statements: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for way in _WAYS:
            patch.setattr(Database, way, _listened_to(getattr(Database, way), statements))
        yield statements


async def sent_for(viewer: AsyncClient, address: str) -> int:
    """How many statements the page sends once the key is known."""
    assert (await viewer.get(address)).status_code == 200
    with counted_statements() as statements:
        assert (await viewer.get(address)).status_code == 200
    return len(statements)


def _listened_to(
    way: Callable[..., AbstractAsyncContextManager[Connection]], statements: list[str]
) -> Callable[..., AbstractAsyncContextManager[Connection]]:
    def log(record: LoggedQuery) -> None:
        if _OF_THE_CACHE not in record.query:
            statements.append(record.query)

    @asynccontextmanager
    async def listened_to(*given: Any) -> AsyncIterator[Connection]:
        async with way(*given) as connection:
            connection.add_query_logger(log)
            try:
                yield connection
            finally:
                connection.remove_query_logger(log)

    return listened_to
