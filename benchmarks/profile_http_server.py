"""One HTTP server as `factbook serve` runs it, with the application that is asked for.

    python -m benchmarks.profile_http_server service | edge | bare

`service` is the service itself. `edge` is the service with two routes more that answer fixed bytes, one behind its authentication and one outside.
`bare` is Starlette with one route that answers the same bytes. The bytes are those of the file that `BENCHMARK_BODY` names.
"""

import os
import sys
from pathlib import Path

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from factbook.app import serving_app
from factbook.cli.serving import _server
from factbook.settings import Settings

BODY_VARIABLE = "BENCHMARK_BODY"
GUARDED_PATH, OPEN_PATH = "/v1/bare", "/bare"
_APPLICATIONS = {
    "service": "factbook.app:serving_app",
    "edge": "benchmarks.profile_http_server:edge_app",
    "bare": "benchmarks.profile_http_server:bare_app",
}


def bare_app() -> Starlette:
    """No edge, no database, one route."""
    return Starlette(routes=[_route(GUARDED_PATH)])


def edge_app() -> FastAPI:
    """The service, the two routes before all others, so that finding them costs nothing."""
    app = serving_app()
    app.router.routes[:0] = [_route(GUARDED_PATH), _route(OPEN_PATH)]
    return app


def _route(path: str) -> Route:
    body = Path(os.environ[BODY_VARIABLE]).read_bytes()

    async def answer(_: Request) -> Response:
        return Response(body, media_type="application/json")

    return Route(path, answer)


def main() -> None:
    server = _server(Settings())
    server.target = _APPLICATIONS[sys.argv[1]]
    server.serve()


if __name__ == "__main__":
    main()
