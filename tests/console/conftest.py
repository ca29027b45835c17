"""What tests of the console share: a browser's worth of HTTP, signed in or not."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from factbook.access import PrincipalKind, Scope, create_key
from factbook.database.pools import Database


@pytest.fixture
async def key(database: Database, tenant_id: UUID) -> str:
    """The key of a human of the test's tenant."""
    return await create_key(database, tenant_id, PrincipalKind.HUMAN, "Ada", frozenset(Scope))


@pytest.fixture
async def stranger(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Somebody who has not signed in."""
    async with AsyncClient(transport=ASGITransport(app, raise_app_exceptions=False), base_url="https://factbook") as browser:
        yield browser


@pytest.fixture
async def viewer(stranger: AsyncClient, key: str) -> AsyncClient:
    """Somebody who has signed in."""
    answer = await stranger.post("/console/sign-in", data={"key": key})
    assert answer.status_code == 303
    return stranger
