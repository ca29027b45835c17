"""Counts what a request asks of the database: every statement of the service's pools, those that begin and end a transaction aside."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

import pytest
from asyncpg.connection import LoggedQuery

from factbook.database.pools import Connection, Database

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


def _listened_to(
    way: Callable[..., AbstractAsyncContextManager[Connection]], statements: list[str]
) -> Callable[..., AbstractAsyncContextManager[Connection]]:
    def log(record: LoggedQuery) -> None:
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
