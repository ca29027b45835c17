"""A request of the wrong shape is told field by field, in the caller's own paths and without the values sent."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import httpx2
import orjson
import pytest
from fastapi import Body, FastAPI, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, EmailStr, Field, field_validator

from factbook.kernel.clock import parse_instant
from tests.edge.applications import behind_the_edge, client_of, problem

CANARY = "ada.lovelace+canary@example.com"


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Start(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: Literal["start"]
    id: Annotated[str, Field(min_length=1, max_length=8)]
    started_at: str
    iteration: Annotated[int, Field(ge=1)] = 1

    @field_validator("started_at")
    @classmethod
    def _is_instant(cls, text: str) -> str:
        parse_instant(text)
        return text


class Outcome(BaseModel):
    type: Literal["outcome"]
    execution: UUID
    colour: Colour | None = None
    number: int | float | None = None

    @field_validator("number", mode="before")
    @classmethod
    def _converts(cls, value: Any) -> Any:
        return int(value) if isinstance(value, str) else value


class Batch(BaseModel):
    records: list[Annotated[Start | Outcome, Field(discriminator="type")]]


class Everything(BaseModel):
    whole: int = 0
    at: datetime | None = None
    aware: AwareDatetime | None = None
    day: date | None = None
    email: EmailStr | None = None
    names: Annotated[list[str], Field(max_length=1)] = []
    counts: dict[str, int] = {}
    pattern: Annotated[str, Field(pattern="^[a-z]+$")] = "a"
    flag: bool = False


def application() -> FastAPI:
    app = FastAPI()

    @app.post("/batch")
    async def batch(batch: Batch) -> None:
        assert batch.records

    @app.post("/everything")
    async def everything(everything: Everything, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> None:
        assert everything
        assert limit

    @app.post("/two")
    async def two(one: Annotated[int, Body()], other: Annotated[int, Body()]) -> None:
        assert one != other

    @app.get("/things/{number}")
    async def things(number: int, colour: Annotated[list[Colour], Query()]) -> None:
        assert number
        assert colour

    return behind_the_edge(app, body_max_bytes=1024 * 1024)


async def send(method: str, path: str, **request: Any) -> httpx2.Response:
    async with client_of(application()) as client:
        return await client.request(method, path, **request)


async def faults(method: str, path: str, **request: Any) -> dict[str, str]:
    answer = await send(method, path, **request)
    body = problem(answer)
    assert (answer.status_code, body["code"]) == (422, "request_invalid")
    assert CANARY not in answer.text
    assert "canary" not in answer.text
    return {error["field"]: error["message"] for error in body["errors"]}


async def test_a_field_is_named_by_its_path_as_the_caller_wrote_it() -> None:
    records = [
        {"type": "start", "id": "a", "started_at": "2026-01-01T00:00:00Z"},
        {"type": "start", "id": "", "started_at": CANARY, "iteration": 0, "surplus": CANARY},
        {"type": "outcome", "execution": CANARY, "colour": CANARY, "number": CANARY},
        {"type": "outcome"},
        {"type": CANARY},
        {},
        CANARY,
    ]
    assert await faults("POST", "/batch", json={"records": records}) == {
        "records[1].id": "shorter than 1 characters",
        "records[1].started_at": "not an ISO 8601 date and time",
        "records[1].iteration": "must be at least 1",
        "records[1].surplus": "there is no such field",
        "records[2].execution": "a UUID is needed",
        "records[2].colour": "must be 'red' or 'blue'",
        "records[2].number": "not an acceptable value",
        "records[3].execution": "a value is needed",
        "records[4]": "'type' must be one of 'start', 'outcome'",
        "records[5]": "'type' is needed to tell which kind it is",
        "records[6]": "an object is needed, sent as JSON",
    }


async def test_no_kind_of_fault_repeats_the_value() -> None:
    sent: dict[str, Any] = dict.fromkeys(("whole", "at", "day", "pattern", "flag"), CANARY)
    sent |= {"aware": "2026-01-01T00:00:00", "email": f"{CANARY}@canary", "names": [CANARY, CANARY], "counts": {"a": CANARY}}
    assert await faults("POST", "/everything?limit=canary", json=sent) == {
        "limit": "a whole number is needed",
        "whole": "a whole number is needed",
        "at": "not an ISO 8601 date and time",
        "aware": "a time zone is missing, for example a trailing Z",
        "day": "not an ISO 8601 date",
        "email": "not an acceptable value",
        "names": "more than 1 entries",
        "counts.a": "a whole number is needed",
        "pattern": "does not have the form ^[a-z]+$",
        "flag": "true or false is needed",
    }


async def test_path_and_query_faults_are_named_without_the_place_they_stand_in() -> None:
    found = await faults("GET", "/things/canary?colour=red&colour=canary")
    assert found == {"number": "a whole number is needed", "colour[1]": "must be 'red' or 'blue'"}


BROKEN_BODIES = {
    "no JSON": f'{{"records": {CANARY}',
    "half a text": f'"{CANARY}',
    "not UTF-8": b'{"records": "canary\xff"}',
    "a number too long to read": b'{"whole": ' + b"9" * 5000 + b"}",
    "nested too deeply": b"[" * 100_000,
}


@pytest.mark.parametrize("content", BROKEN_BODIES.values(), ids=BROKEN_BODIES.keys())
async def test_a_body_that_cannot_be_read_is_a_fault_of_the_body(content: bytes | str) -> None:
    found = await faults("POST", "/everything", content=content, headers={"Content-Type": "application/json"})
    assert list(found) == ["body"]


WHOLE_BODIES = {
    "none": {"content": b""},
    "null": {"content": b"null", "headers": {"Content-Type": "application/json"}},
    "a text": {"json": CANARY},
    "a list": {"json": [CANARY]},
    "another content type": {"content": CANARY, "headers": {"Content-Type": "text/plain"}},
    "no content type": {"content": b"{}"},
}


@pytest.mark.parametrize("request_parts", WHOLE_BODIES.values(), ids=WHOLE_BODIES.keys())
async def test_a_body_that_is_no_object_is_a_fault_of_the_body(request_parts: dict[str, Any]) -> None:
    assert list(await faults("POST", "/everything", **request_parts)) == ["body"]


async def test_several_parameters_in_one_body_are_named_one_by_one() -> None:
    assert await faults("POST", "/two", json={"one": CANARY}) == {"one": "a whole number is needed", "other": "a value is needed"}


async def test_long_names_of_fields_are_shown_short() -> None:
    names = rb'"\u0000": 1, "' + b"x" * 500 + b'": 1'
    content = b'{"records": [{"type": "start", "id": "a", "started_at": "2026-01-01T00:00:00Z", ' + names + b"}]}"
    found = await faults("POST", "/batch", content=content, headers={"Content-Type": "application/json"})
    assert set(found) == {"records[0].\0", "records[0]." + "x" * 100}


async def test_a_fault_under_a_name_that_is_no_unicode_is_told_at_the_object_that_holds_it() -> None:
    content = rb'{"counts": {"\ud800canary": "canary"}}'
    found = await faults("POST", "/everything", content=content, headers={"Content-Type": "application/json"})
    assert list(found) == ["counts"]


async def test_a_long_list_of_faults_is_cut_and_counted() -> None:
    answer = await send("POST", "/everything", json={"counts": {f"n{number}": CANARY for number in range(1000)}})
    body = problem(answer)
    assert len(body["errors"]) == 100
    assert body["detail"] == "Faults found in the request: 1000. The first 100 are listed."
    assert orjson.loads(answer.content) == body
