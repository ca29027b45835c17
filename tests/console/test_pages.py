import pytest
from httpx2 import AsyncClient
from starlette.routing import Route

from factbook.console import ROUTERS, conversation_pages


async def test_every_page_forbids_scripts_and_frames_of_others(stranger: AsyncClient) -> None:
    answer = await stranger.get("/console/sign-in")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"


async def test_an_address_without_a_page_is_told_on_a_page_with_the_id_of_the_request(viewer: AsyncClient) -> None:
    answer = await viewer.get("/console/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["x-request-id"] in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_what_a_customer_is_called_is_never_markup(viewer: AsyncClient, client: AsyncClient) -> None:
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(2)>\u202e{{ 7 * 7 }}'
    made = await client.post("/conversations", json={"channel": "webchat", "customer_identifier": hostile})
    await client.post(f"/conversations/{made.json()['id']}/messages", json={"direction": "inbound", "text": hostile})
    for address in ("/console/conversations", f"/console/conversations/{made.json()['id']}"):
        text = (await viewer.get(address)).text
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "&lt;script&gt;alert(1)" in text
        assert "{{ 7 * 7 }}" in text


async def test_a_key_that_is_refused_is_told_with_the_id_of_the_request(stranger: AsyncClient) -> None:
    answer = await stranger.post("/console/sign-in", data={"key": "fbk_none"})
    assert answer.status_code == 401
    assert answer.headers["x-request-id"] in answer.text


async def test_an_error_of_ours_is_told_on_a_page_that_says_nothing_of_it(viewer: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("somebody's secret")

    monkeypatch.setattr(conversation_pages, "conversation_page", broken)
    answer = await viewer.get("/console/conversations")
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["x-request-id"] in answer.text
    assert "secret" not in answer.text


def test_pages_are_read_alone_but_for_the_two_forms_of_a_session() -> None:
    ways = [(route.path, route.methods) for router in ROUTERS for route in router.routes if isinstance(route, Route)]
    assert len(ways) > 15
    assert {path for path, methods in ways if methods and methods - {"GET", "HEAD"}} == {"/sign-in", "/sign-out"}


async def test_a_message_says_when_it_was_sent_or_else_when_it_came_in(viewer: AsyncClient, client: AsyncClient) -> None:
    made = (await client.post("/conversations", json={"channel": "webchat"})).json()["id"]
    sent = {"direction": "inbound", "text": "sent then", "sent_at": "2025-02-03T04:05:06Z"}
    await client.post(f"/conversations/{made}/messages", json=sent)
    came = (await client.post(f"/conversations/{made}/messages", json={"direction": "inbound", "text": "came in"})).json()["created_at"]
    messages = (await viewer.get(f"/console/conversations/{made}")).text.partition('class="messages"')[2]
    assert "2025-02-03 04:05" in messages
    assert came[:16].replace("T", " ") in messages
