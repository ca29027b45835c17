"""Every request has one id, in its answer, its log lines and its state."""

import asyncio
import re

import pytest
import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from factbook.edge.request_ids import RequestIdMiddleware, request_id_of
from tests.edge.applications import behind_the_edge, client_of
from tests.edge.asgi import Header, exchange


async def shown(request: Request) -> Response:
    return PlainTextResponse(f"{request_id_of(request.scope)} {structlog.contextvars.get_contextvars()['request_id']}")


APP = behind_the_edge(shown=shown)


@pytest.mark.parametrize("given", ["a", "0192f7c2-a4b8.7d3e_9F10", "x" * 64])
async def test_a_plain_id_is_kept(given: str) -> None:
    async with client_of(APP) as client:
        answer = await client.get("/shown", headers={"X-Request-Id": given})
    assert answer.text == f"{given} {given}"
    assert answer.headers["X-Request-Id"] == given


HOSTILE: dict[str, list[Header]] = {
    "none": [],
    "empty": [(b"x-request-id", b"")],
    "too long": [(b"x-request-id", b"x" * 65)],
    "a space": [(b"x-request-id", b"a b")],
    "a line feed": [(b"x-request-id", b"a\nb")],
    "a line feed at its end": [(b"x-request-id", b"a\n")],
    "an address": [(b"x-request-id", b"ada@example.com")],
    "not ASCII": [(b"x-request-id", "é".encode())],
    "several": [(b"x-request-id", b"a"), (b"x-request-id", b"b")],
}


@pytest.mark.parametrize("headers", HOSTILE.values(), ids=HOSTILE.keys())
async def test_any_other_id_is_replaced_by_a_new_one(headers: list[Header]) -> None:
    answers = [await exchange(APP, path="/shown", headers=headers) for _ in range(2)]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert all(re.fullmatch(r"[0-9a-f]{32}", request_id) for request_id in ids)
    assert [answer.body.decode() for answer in answers] == [f"{request_id} {request_id}" for request_id in ids]
    assert ids[0] != ids[1]


async def test_an_answer_carries_one_id_even_when_the_application_sets_one() -> None:
    async def own(_request: Request) -> Response:
        return Response(headers={"X-Request-Id": "own"})

    answer = await exchange(behind_the_edge(own=own), path="/own", headers=[(b"x-request-id", b"given")])
    assert [value for name, value in answer.messages[0]["headers"] if name == b"x-request-id"] == [b"given"]


async def test_requests_that_share_a_servers_state_do_not_share_their_ids() -> None:
    both_inside = asyncio.Barrier(2)
    seen = {}

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        await both_inside.wait()
        seen[scope["path"]] = (request_id_of(scope), structlog.contextvars.get_contextvars()["request_id"], scope["state"]["pool"])

    shared = {"pool": "one"}
    outer = RequestIdMiddleware(app)
    await asyncio.gather(*(exchange(outer, path=f"/{name}", headers=[(b"x-request-id", name.encode())], state=shared) for name in "ab"))
    assert seen == {"/a": ("a", "a", "one"), "/b": ("b", "b", "one")}
    assert shared == {"pool": "one"}


async def test_the_id_does_not_outlive_its_request() -> None:
    await exchange(APP, path="/shown")
    assert "request_id" not in structlog.contextvars.get_contextvars()


async def test_what_is_not_http_passes_untouched() -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope)

    async def nothing() -> dict[str, str]:
        return {}

    async def silent(_message: object) -> None:
        return None

    await RequestIdMiddleware(app)({"type": "lifespan"}, nothing, silent)
    assert seen == [{"type": "lifespan"}]
