"""A body larger than it may be is refused before it is read or while it is, and a length that lies is refused too."""

from collections.abc import Sequence
from typing import Annotated, Any

import orjson
import pytest
from fastapi import Body, FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tests.edge.applications import behind_the_edge, client_of, problem
from tests.edge.asgi import Exchange, Header, exchange
from tests.edge.conftest import Lines

LIMIT = 1024
JSON: list[Header] = [(b"content-type", b"application/json")]


async def length_of_body(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def length_of_stream(request: Request) -> Response:
    return PlainTextResponse(str(sum([len(piece) async for piece in request.stream()])))


async def reads_nothing(_request: Request) -> Response:
    return PlainTextResponse("nothing read")


def application() -> FastAPI:
    app = FastAPI()

    @app.post("/json")
    async def json(content: Annotated[list[Any], Body()]) -> int:
        return len(content)

    return behind_the_edge(app, body_max_bytes=LIMIT, body=length_of_body, stream=length_of_stream, nothing=reads_nothing)


APP = application()
PATHS = ["/json", "/body", "/stream"]


def code(answer: Exchange) -> str:
    return str(orjson.loads(answer.body)["code"])


def length(value: bytes) -> Header:
    return (b"content-length", value)


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_of_exactly_the_limit_is_taken(path: str) -> None:
    content = b"[" + b" " * (LIMIT - 2) + b"]"
    async with client_of(APP) as client:
        assert (await client.post(path, content=content, headers={"Content-Type": "application/json"})).status_code == 200
    pieces = await exchange(APP, "POST", path, headers=JSON, body=[content[:500], content[500:], b""])
    assert pieces.status == 200


@pytest.mark.parametrize("path", [*PATHS, "/nothing", "/nowhere"])
async def test_a_declared_length_above_the_limit_is_refused_before_anything_is_read(path: str) -> None:
    refused = await exchange(APP, "POST", path, headers=[*JSON, length(b"%d" % (LIMIT + 1))], body=[b"[" * (LIMIT + 1)])
    assert (refused.status, code(refused), refused.reads) == (413, "body_too_large", 0)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("pieces", [[b"x" * (LIMIT + 1)], [b"x" * LIMIT, b"x"], [b"x"] * (LIMIT + 1), [b"x" * LIMIT, b"x", b"more", b"and more"]])
async def test_a_streamed_body_is_refused_as_soon_as_it_passes_the_limit(path: str, pieces: list[bytes]) -> None:
    refused = await exchange(APP, "POST", path, headers=JSON, body=pieces)
    assert (refused.status, code(refused)) == (413, "body_too_large")
    assert sum(map(len, pieces[: refused.reads - 1])) <= LIMIT


async def test_what_nobody_reads_is_not_counted() -> None:
    assert (await exchange(APP, "POST", "/nothing", body=[b"x" * LIMIT] * 3)).body == b"nothing read"


GARBAGE = [b"", b"-1", b"+5", b"5.0", b"0x5", b"five", b"5, 5", b" 5", b"5_0", "\u0665".encode(), b"\xb2"]


@pytest.mark.parametrize("headers", [*([length(value)] for value in GARBAGE), [length(b"5"), length(b"5")]], ids=str)
@pytest.mark.parametrize("path", [*PATHS, "/nothing"])
async def test_a_length_that_is_no_number_is_refused(path: str, headers: Sequence[Header]) -> None:
    refused = await exchange(APP, "POST", path, headers=[*JSON, *headers], body=[b"12345"])
    assert (refused.status, code(refused), refused.reads) == (422, "request_invalid", 0)
    assert orjson.loads(refused.body)["errors"] == [{"field": "content-length", "message": "must be one whole number of bytes"}]


@pytest.mark.parametrize("value", [b"9" * 18, b"9" * 19, b"9" * 5000, b"0" * 50 + b"9999"])
async def test_a_length_of_any_size_is_read(value: bytes) -> None:
    assert code(await exchange(APP, "POST", "/body", headers=[length(value)])) == "body_too_large"
    assert (await exchange(APP, "POST", "/body", headers=[length(b"0" * 5000 + b"5")], body=[b"12345"])).body == b"5"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("declared", "pieces"), [(b"5", [b"123456"]), (b"5", [b"12345", b"6"]), (b"5", [b"1234"]), (b"5", [b"12", b""]), (b"0", [b"1"])]
)
async def test_a_length_that_lies_is_refused(path: str, declared: bytes, pieces: list[bytes]) -> None:
    refused = await exchange(APP, "POST", path, headers=[*JSON, length(declared)], body=pieces)
    assert (refused.status, code(refused)) == (422, "request_invalid")
    assert orjson.loads(refused.body)["errors"] == [{"field": "content-length", "message": "does not agree with the length of the body"}]


async def test_a_refused_body_has_an_id_and_a_log_line(log_lines: Lines) -> None:
    async with client_of(APP) as client:
        answer = await client.post("/body", content=b"x" * (LIMIT + 1))
    assert problem(answer)["detail"] == "The body is larger than 1024 bytes."
    (line,) = log_lines()
    assert (line["status"], line["problem"], line["route"]) == (413, "body_too_large", "/body")
    assert line["request_id"] == answer.headers["X-Request-Id"]
