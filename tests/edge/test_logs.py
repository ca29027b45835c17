"""One shape for every line, and nothing of anybody in it."""

import asyncio
import io
import json
import logging
import logging.config
import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from factbook.access import PrincipalKind, Scope, authenticate, create_key
from factbook.database.pools import Database
from factbook.edge import configure_logging, server_logging
from factbook.edge.logs import LineFormatter
from tests.edge.applications import behind_the_edge, client_of
from tests.edge.conftest import Lines

CANARY = "ada.lovelace+canary@example.com"


async def echo(request: Request) -> Response:
    return PlainTextResponse(await request.body())


async def test_a_request_is_one_line_without_its_path_query_headers_or_body(log_lines: Lines) -> None:
    app = behind_the_edge(echo=echo)
    headers = {"User-Agent": CANARY, "Cookie": f"who={CANARY}", "Referer": CANARY, "X-Request-Id": "r-1"}
    async with client_of(app) as client:
        await client.post(f"/echo?who={CANARY}", content=CANARY, headers=headers)
        await client.get(f"/nowhere/{CANARY}", headers=headers)
        await client.request(CANARY.partition("@")[0].upper(), "/echo", headers=headers)
    found, missed, refused = log_lines()
    assert found.pop("duration_ms") >= 0
    assert found.pop("timestamp").endswith("Z")
    unset = dict.fromkeys(("tenant_id", "principal_id", "problem"))
    told = {"event": "request", "level": "info", "request_id": "r-1", "method": "POST", "route": "/echo", "status": 200, "complete": True}
    assert found == told | unset
    assert (missed["route"], missed["status"], missed["problem"]) == ("unmatched", 404, "not_found")
    assert (refused["method"], refused["status"], refused["problem"]) == ("other", 405, "method_not_allowed")
    assert "canary" not in f"{found} {missed} {refused}".lower()


async def test_a_line_names_tenant_and_principal_by_their_ids_and_the_route_by_its_template(
    database: Database, tenant_id: UUID, log_lines: Lines
) -> None:
    key = await create_key(database, tenant_id, PrincipalKind.HUMAN, CANARY, Scope)
    principal = await authenticate(database, key)
    assert principal is not None
    app = behind_the_edge()
    app.state.database = database

    @app.get("/v1/customers/{customer_id}")
    async def customer(customer_id: str) -> str:
        return customer_id

    async with client_of(app) as client:
        await client.get(f"/v1/customers/{CANARY}", headers={"Authorization": f"Bearer {key}"})
        await client.get(f"/v1/customers/{CANARY}", headers={"Authorization": f"Bearer {key[:-1]}"})
    known, unknown = log_lines()
    assert (known["tenant_id"], known["principal_id"]) == (str(tenant_id), str(principal.id))
    assert known["route"] == unknown["route"] == "/v1/customers/{customer_id}"
    assert (unknown["tenant_id"], unknown["status"], unknown["problem"]) == (None, 401, "unauthenticated")
    assert CANARY not in f"{known} {unknown}"
    assert key[4:40] not in f"{known} {unknown}"


def test_the_lines_of_other_libraries_keep_their_template_and_lose_their_values(log_lines: Lines) -> None:
    logging.getLogger("some.library").warning("%s did %s", CANARY, "it")
    logging.getLogger("some.library").warning("first line\nexception: %s", CANARY)
    with pytest.raises(LookupError):
        fail_and_log()
    template, first, failed = log_lines()
    assert (template["event"], template["logger"], template["level"]) == ("%s did %s", "some.library", "warning")
    assert first["event"] == "first line"
    assert [error["type"] for error in failed["errors"]] == ["builtins.LookupError"]
    assert "fail_and_log" in failed["errors"][0]["frames"][-1]
    assert CANARY not in f"{template} {first} {failed}"


def fail_and_log() -> None:
    try:
        raise LookupError(CANARY)
    except LookupError:
        logging.getLogger("some.library").exception("it failed")
        raise


async def test_a_task_that_failed_unseen_is_logged_without_its_message(log_lines: Lines) -> None:
    async def fail() -> None:
        raise LookupError(CANARY)

    task = asyncio.create_task(fail())
    await asyncio.wait({task})
    asyncio.get_running_loop().call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": task.exception(), "future": task}
    )
    (line,) = log_lines()
    assert (line["event"], line["logger"]) == ("Task exception was never retrieved", "asyncio")
    assert line["errors"][0]["type"] == "builtins.LookupError"
    assert CANARY not in str(line)


@pytest.mark.parametrize("name", ["uvicorn.access", "granian.access"])
def test_access_lines_of_servers_are_dropped(log_lines: Lines, name: str) -> None:
    logging.getLogger(name).info("GET /v1/customers?identifier=ada@example.com")
    assert log_lines() == []


def test_an_exception_logged_anywhere_is_told_without_its_message(log_lines: Lines) -> None:
    log = structlog.get_logger()
    try:
        raise KeyError(CANARY)
    except KeyError as error:
        log.exception("inside")
        log.error("given", exc_info=error)
    log.error("nothing in flight", exc_info=True)
    inside, given, nothing = log_lines()
    assert inside["errors"] == given["errors"]
    assert inside["errors"][0]["type"] == "builtins.KeyError"
    assert "errors" not in nothing
    assert CANARY not in f"{inside} {given}"


def test_a_value_without_a_form_in_json_is_shown_as_its_type(log_lines: Lines) -> None:
    class Customer:
        def __str__(self) -> str:
            return CANARY

    number = uuid4()
    structlog.get_logger().info("odd", customer=Customer(), id=number, half="\ud800", huge=10**30)
    (line,) = log_lines()
    assert line["customer"] == "<Customer>"
    assert line["half"] == "\ud800"
    assert line["huge"] == 10**30


def test_a_long_chain_of_errors_is_cut(log_lines: Lines) -> None:
    def dig(depth: int) -> None:
        if depth == 0:
            raise LookupError(CANARY)
        dig(depth - 1)

    def chain(length: int) -> None:
        try:
            dig(100) if length == 0 else chain(length - 1)
        except LookupError:
            raise LookupError(length) from None

    try:
        chain(50)
    except LookupError:
        structlog.get_logger().exception("deep")
    (line,) = log_lines()
    assert len(line["errors"]) == 8
    assert all(len(error["frames"]) <= 20 for error in line["errors"])


def test_a_group_of_errors_shows_its_members(log_lines: Lines) -> None:
    structlog.get_logger().error("many", exc_info=ExceptionGroup(CANARY, [LookupError(CANARY), OSError(CANARY)]))
    (line,) = log_lines()
    assert [error["type"] for error in line["errors"]] == ["builtins.ExceptionGroup", "builtins.LookupError", "builtins.OSError"]
    assert CANARY not in str(line)


PROGRAM = """
import logging, structlog
from factbook.edge import configure_logging
configure_logging("warning")
for log in (structlog.get_logger(), logging.getLogger("library")):
    log.debug("no"); log.info("no"); log.warning("yes"); log.error("yes")
"""


def test_lines_go_to_standard_error_from_the_level_on() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert run.stdout == ""
    assert [(line["event"], line["level"]) for line in map(json.loads, run.stderr.splitlines())] == [("yes", "warning"), ("yes", "error")] * 2


@pytest.fixture
def granian_loggers() -> Iterator[None]:
    names = ("_granian", "granian.access")
    kept = [(logger, logger.handlers[:], logger.level, logger.propagate) for logger in map(logging.getLogger, names)]
    yield
    for logger, handlers, level, propagate in kept:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


@pytest.mark.usefixtures("granian_loggers")
def test_the_servers_own_lines_have_the_same_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    logging.config.dictConfig(server_logging())
    logging.getLogger("_granian").warning("Killing %s\nTraceback ... %s", "worker-1", CANARY)
    logging.getLogger("granian.access").info(CANARY)
    line = json.loads(written.getvalue())
    assert (line["event"], line["logger"], line["level"]) == ("Killing worker-1", "_granian", "warning")


def test_configuring_twice_does_not_write_twice(log_lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    configure_logging("info")
    logging.getLogger("library").warning("once")
    structlog.get_logger().info("once")
    assert len(written.getvalue().splitlines()) == 2
    assert log_lines() == []


def test_a_record_whose_message_is_an_object_is_told_by_its_text() -> None:
    record = logging.makeLogRecord({"msg": warnings.WarningMessage("a", UserWarning, "b", 1).category, "levelname": "INFO", "name": "library"})
    line: dict[str, Any] = json.loads(LineFormatter().format(record))
    assert line["event"] == "<class 'UserWarning'>"
