"""Small applications behind the edge, and a client for them."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from factbook.edge import install

Endpoint = Callable[[Request], Awaitable[Response]]


def behind_the_edge(app: FastAPI | None = None, *, body_max_bytes: int = 1024, seconds: float = 30, **endpoints: Endpoint) -> FastAPI:
    """The application with plain routes `/name` added for each endpoint, behind the whole edge. Only paths under /v1 would need a database."""
    app = app or FastAPI()
    for name, endpoint in endpoints.items():
        app.router.routes.append(Route(f"/{name}", endpoint, methods=["GET", "POST"]))
    install(app, body_max_bytes, seconds)
    return app


def client_of(app: ASGIApp) -> httpx2.AsyncClient:
    """A client that raises what the application raises, as a server would see it."""
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://factbook")


def raising(error: Callable[[], Exception]) -> Endpoint:
    """An endpoint that fails with this error."""

    async def endpoint(_request: Request) -> Response:
        raise error()

    return endpoint


def problem(answer: httpx2.Response) -> dict[str, Any]:
    """The body of a problem answer, its shape checked."""
    body: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert list(body) == ["type", "title", "status", "code", "detail", "errors", "request_id"]
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:factbook:problem:{body['code']}"
    assert body["request_id"] == answer.headers["X-Request-Id"]
    return body
