"""A request that runs too long is answered at its time, whatever it is doing."""

import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from factbook.edge.problem_answers import AnswerBrokenOff
from tests.edge.applications import Endpoint, behind_the_edge, client_of, problem
from tests.edge.asgi import Exchange, exchange
from tests.edge.conftest import Lines

SECONDS = 0.05


async def for_ever(_request: Request) -> Response:
    await asyncio.Event().wait()
    return Response()


async def test_a_request_that_runs_too_long_is_answered_and_logged(log_lines: Lines) -> None:
    async with client_of(behind_the_edge(seconds=SECONDS, slow=for_ever)) as client:
        answer = await client.get("/slow", headers={"X-Request-Id": "r-1"})
    assert (answer.status_code, problem(answer)["code"]) == (503, "request_timeout")
    (line,) = log_lines()
    assert (line["status"], line["problem"], line["route"], line["complete"]) == (503, "request_timeout", "/slow", True)


async def test_a_request_within_its_time_is_not_touched() -> None:
    app = behind_the_edge(seconds=30, quick=saying("done"))
    assert (await exchange(app, path="/quick")).body == b"done"


def saying(text: str) -> Endpoint:
    async def endpoint(_request: Request) -> Response:
        return PlainTextResponse(text)

    return endpoint


async def test_the_answer_does_not_wait_for_the_work_to_unwind() -> None:
    released, unwound = asyncio.Event(), asyncio.Event()

    async def unwinds_slowly(_request: Request) -> Response:
        try:
            await asyncio.Event().wait()
        finally:
            await released.wait()
            unwound.set()
        return Response()

    slow = Exchange()
    running = asyncio.create_task(slow.run(behind_the_edge(seconds=SECONDS, slow=unwinds_slowly), path="/slow"))
    await slow.answered.wait()
    assert (slow.status, unwound.is_set()) == (503, False)
    released.set()
    await running
    assert unwound.is_set()


async def swallows_the_cancellation(_request: Request) -> Response:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return PlainTextResponse("too late")
    return Response()


async def fails_while_it_unwinds(_request: Request) -> Response:
    try:
        await asyncio.Event().wait()
    finally:
        raise LookupError("too late")  # as a rollback on a lost connection does


@pytest.mark.parametrize("endpoint", [swallows_the_cancellation, fails_while_it_unwinds])
async def test_whatever_the_work_says_too_late_is_dropped(endpoint: Endpoint) -> None:
    late = await exchange(behind_the_edge(seconds=SECONDS, slow=endpoint), path="/slow")
    assert [message["type"] for message in late.messages] == ["http.response.start", "http.response.body"]
    assert orjson.loads(late.body)["code"] == "request_timeout"


async def test_an_answer_that_has_begun_is_broken_off(log_lines: Lines) -> None:
    async def begins(_request: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"begun"
            await asyncio.Event().wait()

        return StreamingResponse(pieces())

    begun = Exchange()
    with pytest.raises(AnswerBrokenOff):
        await begun.run(behind_the_edge(seconds=SECONDS, slow=begins), path="/slow")
    assert (begun.status, begun.body) == (200, b"begun")
    (line,) = log_lines()
    assert (line["status"], line["problem"], line["complete"]) == (200, "request_timeout", False)


async def test_a_request_that_the_server_cancels_ends_as_cancelled() -> None:
    inside = asyncio.Event()

    async def wait(_request: Request) -> Response:
        inside.set()
        await asyncio.Event().wait()
        return Response()

    cancelled = Exchange()
    running = asyncio.create_task(cancelled.run(behind_the_edge(seconds=30, slow=wait), path="/slow"))
    await inside.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert cancelled.messages == []


async def test_a_cancellation_by_the_server_holds_even_after_the_time_is_over() -> None:
    unwinding = asyncio.Event()

    async def unwinds_for_ever(_request: Request) -> Response:
        try:
            await asyncio.Event().wait()
        finally:
            unwinding.set()
            await asyncio.Event().wait()
        return Response()

    expired = Exchange()
    running = asyncio.create_task(expired.run(behind_the_edge(seconds=SECONDS, slow=unwinds_for_ever), path="/slow"))
    await unwinding.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_caller_who_sends_a_body_too_slowly_is_answered() -> None:
    async def reads(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    stalled = await exchange(behind_the_edge(seconds=SECONDS, slow=reads), "POST", "/slow", body=[])
    assert stalled.status == 503


async def test_requests_have_their_time_each() -> None:
    app = behind_the_edge(seconds=SECONDS, slow=for_ever, quick=saying("done"))
    slow, quick = await asyncio.gather(exchange(app, path="/slow"), exchange(app, path="/quick"))
    assert (slow.status, quick.status) == (503, 200)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
