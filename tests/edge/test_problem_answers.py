"""Every error ends as one shape, and an unforeseen one says nothing of the inside."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from factbook.database.pools import Database
from factbook.database.unavailable import DatabaseUnavailable
from factbook.database.urls import DatabaseUrls
from factbook.edge import problem_response
from factbook.edge.problem_answers import AnswerBrokenOff
from factbook.kernel.problems import REQUEST_INVALID, UNAUTHENTICATED, FieldError, ProblemKind
from tests.edge.applications import behind_the_edge, client_of, problem, raising
from tests.edge.asgi import Exchange, exchange
from tests.edge.conftest import Lines

CANARY = "ada.lovelace+canary@example.com"
CONFLICT = ProblemKind("already_linked", 409, "It is linked already")


async def test_a_problem_is_answered_with_its_members_and_headers() -> None:
    def conflict() -> Exception:
        return CONFLICT.because("Unlink it first.", [FieldError("records[1].id", "linked")], {"Retry-After": "7"})

    async with client_of(behind_the_edge(fail=raising(conflict))) as client:
        answer = await client.get("/fail", headers={"X-Request-Id": "r-1"})
    assert problem(answer) == {
        "type": "urn:factbook:problem:already_linked",
        "title": "It is linked already",
        "status": 409,
        "code": "already_linked",
        "detail": "Unlink it first.",
        "errors": [{"field": "records[1].id", "message": "linked"}],
        "request_id": "r-1",
    }
    assert answer.headers["Retry-After"] == "7"


def test_half_of_a_surrogate_pair_in_a_field_name_can_still_be_answered() -> None:
    answer = problem_response(REQUEST_INVALID.because("No.", [FieldError("\ud800", "no such field")]), None)
    assert b'"\\ud800"' in answer.body


async def test_an_unknown_address_and_an_unknown_method_have_the_same_shape_as_any_problem() -> None:
    app = FastAPI()

    @app.get("/things/{name}")
    async def get_thing(name: str) -> str:
        return name

    @app.delete("/things/{name}")
    async def delete_thing(name: str) -> str:
        return name

    async with client_of(behind_the_edge(app)) as client:
        missing = await client.get(f"/nowhere/{CANARY}")
        refused = await client.post(f"/things/{CANARY}")
    assert problem(missing)["code"] == "not_found"
    assert problem(refused)["code"] == "method_not_allowed"
    assert refused.headers["Allow"] == "DELETE, GET, HEAD"
    assert CANARY not in missing.text + refused.text


@pytest.mark.parametrize(
    ("status", "code", "answered"),
    [
        (400, "request_invalid", 422),
        (401, "unauthenticated", 401),
        (403, "forbidden", 403),
        (404, "not_found", 404),
        (413, "body_too_large", 413),
        (415, "media_type_unsupported", 415),
        (418, "im_a_teapot", 418),
        (429, "too_many_requests", 429),
        (500, "internal_error", 500),
        (503, "unavailable", 503),
        (599, "other_status", 599),
    ],
)
async def test_an_error_by_status_becomes_a_problem_without_the_frameworks_words(status: int, code: str, answered: int) -> None:
    def error() -> Exception:
        return HTTPException(status, detail=CANARY, headers={"Retry-After": "7"})

    async with client_of(behind_the_edge(fail=raising(error))) as client:
        answer = await client.get("/fail")
    assert (problem(answer)["code"], answer.status_code, answer.headers["Retry-After"]) == (code, answered, "7")
    assert CANARY not in answer.text


async def test_a_redirect_raised_as_an_exception_is_no_problem() -> None:
    async with client_of(behind_the_edge(fail=raising(lambda: HTTPException(307, headers={"Location": "/there"})))) as client:
        answer = await client.get("/fail")
    assert (answer.status_code, answer.headers["Location"], answer.content) == (307, "/there", b"")


def frames(line: dict[str, Any]) -> str:
    return " ".join(frame for error in line["errors"] for frame in error["frames"])


async def test_an_unforeseen_error_tells_the_caller_nothing_and_the_log_where_it_was(log_lines: Lines) -> None:
    async def fail(request: Request) -> Response:
        try:
            raise KeyError(CANARY)
        except KeyError as error:
            raise RuntimeError(f"{CANARY} in {request.url}") from error

    async with client_of(behind_the_edge(fail=fail)) as client:  # which would raise what is raised on to the server
        answer = await client.get(f"/fail?who={CANARY}", headers={"Authorization": CANARY})
    assert problem(answer)["code"] == "internal_error"
    failed, request = log_lines()
    assert [error["type"] for error in failed["errors"]] == ["builtins.RuntimeError", "builtins.KeyError"]
    assert "tests.edge.test_problem_answers" in frames(failed)
    assert (failed["event"], failed["level"]) == ("request_failed", "error")
    assert failed["request_id"] == request["request_id"] == problem(answer)["request_id"]
    assert CANARY not in answer.text + str(failed) + str(request)
    assert "RuntimeError" not in answer.text


FAILING_SQL = {
    "a value in the message": ("SELECT $1::text::int", 500),
    "a value in the detail": ("INSERT INTO tenants (tenant_id, name, created_at) VALUES (current_tenant(), $1, now())", 500),
    "a value refused by the driver": ("SELECT $1::int", 500),
    "a value in a raised message": ("SELECT set_config($1, '', true)", 500),
}


@pytest.mark.parametrize(("sql", "status"), FAILING_SQL.values(), ids=FAILING_SQL.keys())
async def test_what_the_database_says_of_a_value_reaches_neither_caller_nor_log(
    database: Database, tenant_id: UUID, log_lines: Lines, sql: str, status: int
) -> None:
    async def fail(_request: Request) -> Response:
        async with database.transaction(tenant_id) as connection:
            await connection.execute(sql, CANARY)
        return Response()

    async with client_of(behind_the_edge(fail=fail)) as client:
        answer = await client.get("/fail")
    assert (answer.status_code, problem(answer)["code"]) == (status, "internal_error")
    lines = log_lines()
    assert [line["event"] for line in lines] == ["request_failed", "request"]
    assert "asyncpg.connection" in frames(lines[0])
    assert CANARY not in answer.text + str(lines)


async def test_the_log_of_a_database_error_names_its_sqlstate(database: Database, tenant_id: UUID, log_lines: Lines) -> None:
    async def fail(_request: Request) -> Response:
        async with database.transaction(tenant_id) as connection:
            await connection.execute("SELECT 1/0")
        return Response()

    async with client_of(behind_the_edge(fail=fail)) as client:
        await client.get("/fail")
    error = log_lines()[0]["errors"][0]
    assert (error["type"], error["sqlstate"]) == ("asyncpg.exceptions.DivisionByZeroError", "22012")


async def assert_unavailable(app: FastAPI, log_lines: Lines) -> None:
    async with client_of(app) as client:
        answer = await client.get("/fail")
    assert (answer.status_code, problem(answer)["code"], answer.headers["Retry-After"]) == (503, "unavailable", "2")
    lines = log_lines()
    assert [line["event"] for line in lines] == ["database_unavailable", "request"]
    assert "127.0.0.1" not in answer.text + str(lines)


async def test_a_database_that_refuses_connections_is_unavailable(log_lines: Lines, unused_tcp_port: int) -> None:
    async def fail(_request: Request) -> Response:
        await asyncpg.connect(f"postgresql://factbook_reader:{CANARY}@127.0.0.1:{unused_tcp_port}/factbook")
        return Response()

    await assert_unavailable(behind_the_edge(fail=fail), log_lines)


async def test_a_database_that_does_not_answer_in_time_is_unavailable(database: Database, log_lines: Lines) -> None:
    async def fail(_request: Request) -> Response:
        async with database.outside_tenants() as connection:
            await connection.execute("SELECT pg_sleep(30)", timeout=0.01)
        return Response()

    await assert_unavailable(behind_the_edge(fail=fail), log_lines)


async def test_a_statement_ended_by_the_server_is_unavailable(database: Database, tenant_id: UUID, log_lines: Lines) -> None:
    async def fail(_request: Request) -> Response:
        async with database.reading(tenant_id) as connection:
            await connection.execute("SET LOCAL statement_timeout = '10ms'")
            await connection.execute("SELECT pg_sleep(30)")
        return Response()

    await assert_unavailable(behind_the_edge(fail=fail), log_lines)


async def test_a_connection_cut_in_the_middle_of_a_transaction_is_unavailable(database: Database, tenant_id: UUID, log_lines: Lines) -> None:
    async def fail(_request: Request) -> Response:
        async with database.transaction(tenant_id) as connection:
            # A role may end its own sessions, this one included.
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(30)")
        return Response()

    await assert_unavailable(behind_the_edge(fail=fail), log_lines)


async def test_a_pool_that_was_closed_is_unavailable(urls: DatabaseUrls, tenant_id: UUID, log_lines: Lines) -> None:
    closed = await Database.open(urls, pool_size=1)
    await closed.close()

    async def fail(_request: Request) -> Response:
        async with closed.reading(tenant_id):
            return Response()

    await assert_unavailable(behind_the_edge(fail=fail), log_lines)


async def test_a_wrong_password_for_the_database_is_unavailable(urls: DatabaseUrls, log_lines: Lines) -> None:
    async def fail(_request: Request) -> Response:
        await asyncpg.connect(urls.reader, password=CANARY)
        return Response()

    await assert_unavailable(behind_the_edge(fail=fail), log_lines)


async def test_an_embedded_database_that_did_not_start_is_unavailable(log_lines: Lines) -> None:
    await assert_unavailable(behind_the_edge(fail=raising(lambda: DatabaseUnavailable(CANARY))), log_lines)


async def test_an_outage_behind_another_error_is_still_an_outage(log_lines: Lines) -> None:
    async def fail(_request: Request) -> Response:
        try:
            raise asyncpg.ConnectionDoesNotExistError
        except asyncpg.ConnectionDoesNotExistError:
            raise LookupError(CANARY) from None

    await assert_unavailable(behind_the_edge(fail=fail), log_lines)


async def read_a_missing_file(_request: Request) -> Response:
    Path("/nowhere", CANARY).read_bytes()  # noqa: ASYNC240 - what matters is the error
    return Response()


async def wait_too_long_for_something_else(_request: Request) -> Response:
    async with asyncio.timeout(0):
        await asyncio.sleep(30)
    return Response()


async def call_a_released_connection(_request: Request) -> Response:
    raise asyncpg.InterfaceError("cannot perform operation: another operation is in progress")


@pytest.mark.parametrize("endpoint", [read_a_missing_file, wait_too_long_for_something_else, call_a_released_connection])
async def test_an_error_of_a_like_type_that_is_not_the_databases_is_ours(endpoint: Any, log_lines: Lines) -> None:
    async with client_of(behind_the_edge(fail=endpoint)) as client:
        answer = await client.get("/fail")
    assert problem(answer)["code"] == "internal_error"
    assert [line["event"] for line in log_lines()] == ["request_failed", "request"]


async def begun_and_failed(_request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"begun"
        raise RuntimeError(CANARY)

    return StreamingResponse(pieces())


async def test_an_answer_that_fails_after_it_began_is_broken_off_and_logged_once(log_lines: Lines) -> None:
    with pytest.raises(AnswerBrokenOff) as raised:
        await exchange(behind_the_edge(fail=begun_and_failed), path="/fail")
    assert raised.value.__context__ is None
    assert raised.value.__cause__ is None
    failed, request = log_lines()
    assert failed["event"] == "request_failed"
    assert (request["status"], request["complete"], request["problem"]) == (200, False, "internal_error")
    assert CANARY not in str(failed) + str(request)


async def test_a_problem_raised_by_a_layer_around_the_routes_is_answered_too(log_lines: Lines) -> None:
    app = FastAPI()

    class Refusing:
        def __init__(self, app: Any) -> None:
            self._app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            raise UNAUTHENTICATED.because("No.")

    app.add_middleware(Refusing)
    async with client_of(behind_the_edge(app)) as client:
        answer = await client.get("/anything")
    assert problem(answer)["code"] == "unauthenticated"
    assert [line["problem"] for line in log_lines()] == ["unauthenticated"]


async def test_a_caller_who_left_is_not_answered(log_lines: Lines) -> None:
    left = await exchange(behind_the_edge(fail=raising(ClientDisconnect)), path="/fail")
    assert left.messages == []
    assert [(line["event"], line["status"], line["complete"]) for line in log_lines()] == [("request", None, False)]


async def test_a_cancelled_request_is_not_answered_but_logged(log_lines: Lines) -> None:
    inside = asyncio.Event()

    async def wait(_request: Request) -> Response:
        inside.set()
        await asyncio.sleep(30)
        return Response()

    cancelled = Exchange()
    running = asyncio.create_task(cancelled.run(behind_the_edge(wait=wait), path="/wait"))
    await inside.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert cancelled.messages == []
    assert [(line["event"], line["status"]) for line in log_lines()] == [("request", None)]
