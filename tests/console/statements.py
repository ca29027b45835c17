"""What a page sends to the database: a database of one connection of each kind, whose statements are written down."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls

MOST = 8


@asynccontextmanager
async def written_down(app: FastAPI, urls: DatabaseUrls) -> AsyncIterator[list[str]]:
    """Every statement that requests send while the block runs, BEGIN and COMMIT among them."""
    before, app.state.database = app.state.database, await Database.open(urls, pool_size=1)
    statements: list[str] = []
    try:
        async with app.state.database.outside_tenants() as connection:
            connection.add_query_logger(lambda record: statements.append(record.query))
        yield statements
    finally:
        await app.state.database.close()
        app.state.database = before


async def sent_for(viewer: AsyncClient, address: str, statements: list[str]) -> int:
    """How many statements the page sends once the key is known and the driver knows the types."""
    assert (await viewer.get(address)).status_code == 200
    statements.clear()
    assert (await viewer.get(address)).status_code == 200
    return len(statements)
