import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from httpx2 import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from factbook.access import list_keys, revoke_key
from factbook.console.sessions import COOKIE, Session, opened, sealed
from factbook.database.pools import Database
from factbook.kernel.ids import new_id

SECRET = b"a secret of the tests" * 2
NOW = datetime(2026, 3, 1, tzinfo=UTC)


async def test_a_valid_key_is_exchanged_for_a_session_and_is_not_in_it(stranger: AsyncClient, key: str) -> None:
    answer = await stranger.post("/console/sign-in", data={"key": f" {key}\n", "to": "/console/conversations?cursor=x"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/conversations?cursor=x")
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "secure", "path=/console"))
    assert key not in answer.headers["set-cookie"]


@pytest.mark.parametrize("given_key", ["", "fbk_", "fbk_" + "A" * 86, "Zoë\udcff", "x" * 100])
async def test_any_other_key_is_refused_without_being_repeated(stranger: AsyncClient, given_key: str) -> None:
    answer = await stranger.post("/console/sign-in", data={"key": given_key.encode("utf-8", "surrogatepass").decode("utf-8", "replace")})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert len(given_key) < 5 or given_key not in answer.text


async def test_a_page_leads_a_stranger_to_the_sign_in_and_back(stranger: AsyncClient, key: str) -> None:
    turned_away = await stranger.get("/console/conversations?cursor=abc")
    assert turned_away.status_code == 303
    form = await stranger.get(turned_away.headers["location"])
    assert form.status_code == 200
    assert 'value="/console/conversations?cursor=abc"' in form.text


@pytest.mark.parametrize("to", ["https://elsewhere.example", "//elsewhere.example", "/console\\@elsewhere", "/v1/customers", "/console/sign-out", ""])
async def test_the_sign_in_leads_nowhere_but_into_the_console(stranger: AsyncClient, key: str, to: str) -> None:
    answer = await stranger.post("/console/sign-in", data={"key": key, "to": to})
    assert answer.headers["location"] == "/console"


async def test_signing_out_ends_the_session(viewer: AsyncClient) -> None:
    assert (await viewer.get("/console/conversations")).status_code == 200
    assert (await viewer.post("/console/sign-out")).status_code == 303
    assert (await viewer.get("/console/conversations")).status_code == 303


async def test_a_revoked_key_ends_its_sessions(viewer: AsyncClient, database: Database, tenant_id: UUID) -> None:
    (issued,) = await list_keys(database, tenant_id)
    await revoke_key(database, tenant_id, issued.id)
    async with asyncio.timeout(30):  # told to the cache of every process; how soon is the cache's own promise
        while (await viewer.get("/console/conversations")).status_code != 303:  # noqa: ASYNC110  # nothing here is told when it happens
            await asyncio.sleep(0.02)


async def test_a_cookie_of_somebody_elses_making_opens_nothing(stranger: AsyncClient, tenant_id: UUID) -> None:
    forged = sealed(Session(tenant_id, new_id(), datetime.now(UTC) + timedelta(hours=1)), b"another secret")
    stranger.cookies.set(COOKIE, forged, path="/console")
    assert (await stranger.get("/console/conversations")).status_code == 303


@given(st.uuids(), st.uuids(), st.integers(1, 10**9))
def test_a_session_is_what_was_sealed_until_it_ends(tenant_id: UUID, key_id: UUID, seconds: int) -> None:
    session = Session(tenant_id, key_id, NOW + timedelta(seconds=seconds))
    text = sealed(session, SECRET)
    assert opened(text, SECRET, NOW) == session
    assert opened(text, SECRET, session.ends_at) is None
    assert opened(text, SECRET + b"x", NOW) is None


@given(st.integers(0, 95), st.sampled_from("ABCdef019-_"))
def test_a_session_that_was_changed_anywhere_is_none(place: int, character: str) -> None:
    text = sealed(Session(UUID(int=1), UUID(int=2), NOW + timedelta(hours=1)), SECRET)
    changed = text[:place] + character + text[place + 1 :]
    assert changed == text or opened(changed, SECRET, NOW) is None
