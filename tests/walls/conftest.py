"""Databases for the tests of the walls: one that stays as it is, and one that gets damaged and mended."""

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from factbook.database.urls import DatabaseUrls
from tests.conftest import fresh_database
from tests.walls.attempts import Session
from tests.walls.inspection import Inspector, inspector


@pytest.fixture(scope="module")
def intact(server_url: str, template: str, worker_id: str) -> DatabaseUrls:
    """A database as the migrations leave it."""
    return fresh_database(server_url, template, f"intact_{worker_id}")


@pytest.fixture(scope="module")
def catalog(intact: DatabaseUrls) -> Iterator[Session]:
    """A session on the intact database, to read its catalog."""
    with psycopg.connect(intact.owner, autocommit=True) as session:
        yield session


@pytest.fixture(scope="module")
async def scratch(server_url: str, template: str, worker_id: str) -> AsyncIterator[Inspector]:
    """The inspector of a database that may be damaged; every test mends what it broke."""
    async with inspector(fresh_database(server_url, template, f"scratch_{worker_id}")) as opened:
        yield opened
