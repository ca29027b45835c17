"""Access at the HTTP edge: every request under `/v1` names a principal by its key, or ends with one and the same 401.

The middleware is plain ASGI and runs inside the application, whose `state.database` it asks. It raises problems and leaves answering them to the
edge around it. A route that asks for its principal is closed even where the middleware did not run.
"""

from typing import Annotated

from fastapi import Depends, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from factbook.access.authentication import authenticate
from factbook.access.model import Principal
from factbook.database.pools import Database
from factbook.kernel.problems import UNAUTHENTICATED, Problem

GUARDED_PATH = "/v1"


class AuthenticationMiddleware:
    """Puts the `Principal` of a request under `/v1` into `scope["state"]["principal"]`; raises `unauthenticated` when its key is not valid."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Authenticate, then pass the request on."""
        if scope["type"] == "http" and _is_guarded(scope):
            principal = await _principal(scope)
            # A new dictionary: a server may hand the same one to every request.
            scope["state"] = {**scope.get("state", {}), "principal": principal}
        await self._app(scope, receive, send)


def principal_of(request: Request) -> Principal:
    """Who sent the request. A 401 problem where nobody was authenticated."""
    principal = getattr(request.state, "principal", None)
    if not isinstance(principal, Principal):
        raise unauthenticated()
    return principal


def database_of(request: Request) -> Database:
    """The database of the application that serves the request."""
    database: Database = request.app.state.database
    return database


def unauthenticated() -> Problem:
    """The one answer to a missing, malformed, unknown, forged or revoked key (RFC 6750, section 3)."""
    return UNAUTHENTICATED.because("Send the header `Authorization: Bearer` with a valid key.", headers={"WWW-Authenticate": "Bearer"})


def _is_guarded(scope: Scope) -> bool:
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return path == GUARDED_PATH or path.startswith(f"{GUARDED_PATH}/")


async def _principal(scope: Scope) -> Principal:
    text = _bearer_text(scope)
    state = scope["app"].state
    principal = await authenticate(state.database, text, getattr(state, "cache", None)) if text else None
    if principal is None:
        raise unauthenticated()
    return principal


def _bearer_text(scope: Scope) -> str | None:
    """What follows `Bearer` in the only Authorization header. None when there is no such header, several, or one of another scheme."""
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    if len(values) != 1:
        return None
    scheme, _, credentials = values[0].partition(b" ")
    return credentials.strip(b" ").decode("latin-1") if scheme.lower() == b"bearer" else None


# FastAPI runs a dependency that is not a coroutine function in a thread, which costs more than the dependency itself.
async def _current_principal(request: Request) -> Principal:
    return principal_of(request)


async def _current_database(request: Request) -> Database:
    return database_of(request)


CurrentPrincipal = Annotated[Principal, Depends(_current_principal)]
CurrentDatabase = Annotated[Database, Depends(_current_database)]
