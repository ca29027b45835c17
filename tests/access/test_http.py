"""Who may come in under `/v1`, and that everybody else hears the very same words."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import httpx2
import orjson
import pytest
from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from factbook.access import (
    CurrentDatabase,
    CurrentPrincipal,
    PrincipalKind,
    Scope,
    create_key,
    create_tenant,
    database_of,
    principal_of,
    revoke_key,
)
from factbook.access.keys import Key, parse_key
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.edge import add_problem_handlers, install
from factbook.kernel.ids import new_id


def application(database: Database) -> FastAPI:
    app = FastAPI()
    app.state.database = database

    @app.get("/v1/who")
    async def who(principal: CurrentPrincipal, database: CurrentDatabase) -> dict[str, str]:
        assert database is app.state.database
        return {"tenant_id": str(principal.tenant_id), "kind": principal.kind, "name": principal.name}

    async def plain(request: Request) -> PlainTextResponse:
        assert database_of(request) is app.state.database
        return PlainTextResponse(principal_of(request).name)

    @app.get("/open")
    async def open_to_all() -> str:
        return "open"

    @app.get("/v1beside")
    async def guarded_by_nothing_but_itself(principal: CurrentPrincipal) -> str:
        return principal.name

    app.router.routes.append(Route("/v1/plain", plain))
    install(app, body_max_bytes=1024, request_timeout_seconds=30)
    return app


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(application(database)), base_url="http://factbook") as client:
        yield client


@pytest.fixture
async def key(database: Database, tenant_id: UUID) -> Key:
    parsed = parse_key(await create_key(database, tenant_id, PrincipalKind.HUMAN, "Ada", Scope))
    assert parsed is not None
    return parsed


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


async def test_a_valid_key_lets_its_principal_in(client: httpx2.AsyncClient, key: Key) -> None:
    answer = await client.get("/v1/who", headers=bearer(key.text()))
    assert answer.json() == {"tenant_id": str(key.tenant_id), "kind": "human", "name": "Ada"}
    assert (await client.get("/v1/plain", headers=bearer(key.text()))).text == "Ada"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
async def test_the_scheme_is_read_in_any_case(client: httpx2.AsyncClient, key: Key, scheme: str) -> None:
    assert (await client.get("/v1/who", headers={"Authorization": f"{scheme} {key.text()}"})).status_code == 200


async def test_what_is_not_under_v1_needs_no_key(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/open")).status_code == 200
    assert (await client.get("/nowhere")).status_code == 404


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nowhere", "/v1/who/"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
async def test_nothing_under_v1_tells_anything_without_a_key(client: httpx2.AsyncClient, path: str, method: str) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_a_route_beside_v1_that_asks_for_its_principal_is_closed_too(client: httpx2.AsyncClient, key: Key) -> None:
    assert (await client.get("/v1beside")).status_code == 401
    assert (await client.get("/v1beside", headers=bearer(key.text()))).status_code == 401


async def test_a_route_that_asks_for_its_principal_is_closed_without_the_middleware(database: Database) -> None:
    app = FastAPI()
    app.state.database = database
    add_problem_handlers(app)

    @app.get("/v1/who")
    async def who(principal: CurrentPrincipal) -> str:
        return principal.name

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://factbook") as client:
        answer = await client.get("/v1/who")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_every_refusal_is_the_same_to_the_byte(client: httpx2.AsyncClient, database: Database, key: Key) -> None:
    other_tenant = await create_tenant(database, f"other {new_id()}")
    revoked = parse_key(await create_key(database, key.tenant_id, PrincipalKind.HUMAN, "Ada", Scope))
    assert revoked is not None
    await revoke_key(database, key.tenant_id, revoked.id)
    refused: list[list[tuple[str, str]]] = [
        [],
        [("Authorization", "")],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer ")],
        [("Authorization", key.text())],
        [("Authorization", f"Basic {key.text()}")],
        [("Authorization", f"Bearer{key.text()}")],
        [("Authorization", f"Bearer\t{key.text()}")],
        [("Authorization", f"Bearer {key.text()} {key.text()}")],
        [("Authorization", f"Bearer {key.text()},")],
        [("Authorization", f"Bearer {key.text()}"), ("Authorization", f"Bearer {key.text()}")],
        [("Authorization", "Bearer garbage")],
        [("Authorization", "Bearer \u00e9\u00ff")],
        [("Authorization", f"Bearer {key.text()[:-1]}")],
        [("Authorization", f"Bearer {replace(key, tenant_id=new_id()).text()}")],
        [("Authorization", f"Bearer {replace(key, tenant_id=other_tenant).text()}")],
        [("Authorization", f"Bearer {replace(key, id=new_id()).text()}")],
        [("Authorization", f"Bearer {replace(key, secret=bytes(32)).text()}")],
        [("Authorization", f"Bearer {revoked.text()}")],
    ]
    answers = [await client.get("/v1/who", headers=[(name.encode(), value.encode("latin-1")) for name, value in headers]) for headers in refused]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {"Bearer"}
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    bodies = [orjson.loads(answer.content) for answer in answers]
    assert len({body["request_id"] for body in bodies}) == len(refused)
    assert {answer.text.replace(body["request_id"], "") for answer, body in zip(answers, bodies, strict=True)} == {
        answers[0].text.replace(bodies[0]["request_id"], "")
    }
    assert {frozenset(answer.headers) for answer in answers} == {frozenset(answers[0].headers)}


async def test_a_key_stops_working_between_two_requests_when_it_is_revoked(client: httpx2.AsyncClient, database: Database, key: Key) -> None:
    assert (await client.get("/v1/who", headers=bearer(key.text()))).status_code == 200
    await revoke_key(database, key.tenant_id, key.id)
    assert (await client.get("/v1/who", headers=bearer(key.text()))).status_code == 401


async def test_the_guard_holds_behind_a_path_prefix(database: Database, key: Key) -> None:
    transport = httpx2.ASGITransport(application(database), root_path="/prefix")
    async with httpx2.AsyncClient(transport=transport, base_url="http://factbook") as client:
        assert (await client.get("/prefix/v1/nowhere")).status_code == 401
        assert (await client.get("/prefix/v1/who", headers=bearer(key.text()))).status_code == 200


async def test_a_key_that_cannot_be_checked_is_a_503_and_never_let_in(urls: DatabaseUrls, key: Key) -> None:
    closed = await Database.open(urls, pool_size=1)
    await closed.close()
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(application(closed)), base_url="http://factbook") as client:
        answer = await client.get("/v1/who", headers=bearer(key.text()))
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
