"""With the cache switched off everything is answered, from the database."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from prometheus_client import REGISTRY

from factbook.database.pools import Database
from factbook.profile import Backend
from factbook.profile.sealing.master_keys import MasterKeys
from tests.conversations.inbox import create_customer


@pytest.fixture
def without_cache(app: FastAPI, database: Database, masters: MasterKeys) -> Iterator[None]:
    """The service as it is when `FACTBOOK_CACHE_ENABLED` is false."""
    cache, backend = app.state.cache, app.state.profile_backend
    app.state.cache, app.state.profile_backend = None, Backend(database, masters)
    yield
    app.state.cache, app.state.profile_backend = cache, backend


def hits() -> float:
    """Answers out of this process's caches so far."""
    kinds = ("profile", "api_key")
    return sum(REGISTRY.get_sample_value("factbook_profile_cache_hits_total", {"kind": kind, "tier": "process"}) or 0 for kind in kinds)


@pytest.mark.usefixtures("without_cache")
async def test_everything_is_answered_and_nothing_out_of_a_cache(client: AsyncClient) -> None:
    before = hits()
    customer = await create_customer(client)
    for value in (1, 2):
        written = await client.put(f"/customers/{customer}/profile/fields/n", json={"value": value, "source": "user_provided"})
        assert written.status_code == 200
        for _ in range(2):
            assert (await client.get(f"/customers/{customer}/profile")).json()["fields"]["n"]["value"] == value
    ready = await client.get("http://factbook/readyz")
    assert (ready.status_code, ready.json()["parts"]["cache"]) == (200, {"state": "off"})
    assert hits() == before
