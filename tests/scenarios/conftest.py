"""What tests of scenarios begin with."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.access import create_tenant
from factbook.cache import Cache
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from factbook.profile import Backend, MasterKeys
from tests.calling import Caller
from tests.scenarios.gaps import Scripted, World


@pytest.fixture
def agent() -> str:
    """The id of an agent nobody heard of."""
    return str(new_id())


@pytest.fixture
def backend(database: Database, masters: MasterKeys, cache: Cache) -> Backend:
    """What a worker's operations work with."""
    return Backend(database, masters, cache)


@pytest.fixture
def scripted(app: FastAPI) -> Iterator[Scripted]:
    """Whoever reads messages in the service, in the hands of the test."""
    before = app.state.language
    app.state.language = made = Scripted()
    yield made
    app.state.language = before


@pytest.fixture
def believing(app: FastAPI) -> Iterator[Callable[..., None]]:
    """Changes how far a conversation is believed, as settings would."""
    before = app.state.gap_fill_limits

    def change(**limits: Any) -> None:
        app.state.gap_fill_limits = replace(before, **limits)

    yield change
    app.state.gap_fill_limits = before


@pytest.fixture
async def world(client: AsyncClient) -> World:
    """A customer, a scenario and a conversation."""
    return await World.made(client)


@pytest.fixture
async def stranger(app: FastAPI, database: Database) -> AsyncIterator[AsyncClient]:
    """A human with every scope in another tenant."""
    caller = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    yield await caller.client()
    await caller.close()
