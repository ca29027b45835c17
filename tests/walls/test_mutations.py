"""Dropping any one policy, grant or trigger of the catalog, or adding a right, is noticed: the inspection sees each, one at a time."""

from collections.abc import AsyncIterator

import psycopg
import pytest

from factbook.database.urls import DatabaseUrls
from tests.conftest import fresh_database
from tests.walls.inspection import Inspector, inspector
from tests.walls.mutations import GROUPS


@pytest.fixture(scope="module")
async def scratch(server_url: str, template: str, worker_id: str) -> AsyncIterator[Inspector]:
    """The inspector of a database that may be damaged; every test mends what it broke."""
    async with inspector(fresh_database(server_url, template, f"walls_{worker_id}")) as opened:
        yield opened


@pytest.mark.parametrize("group", GROUPS)
async def test_every_breach_is_told_and_mended(scratch: Inspector, group: str) -> None:
    unnoticed: list[str] = []
    with psycopg.connect(scratch.urls.owner, autocommit=True) as owner:
        owner.execute("SET synchronous_commit = off")
        mutations = list(GROUPS[group](owner))
        for mutation in mutations:
            owner.execute(mutation.breaking.encode())
            faults = await scratch.faults()
            if not any(map(mutation.is_told_by, faults)):
                unnoticed.append(f"{mutation.breaking}: {faults}")
            owner.execute(mutation.mending.encode())
        assert list(GROUPS[group](owner)) == mutations
    assert mutations
    assert unnoticed == []
    assert await scratch.faults() == []
