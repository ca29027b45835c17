"""One id per request, in its state, in every log line about it and in the `X-Request-Id` header of its answer.

A caller may name the request itself; anything but a short plain word is replaced, so that an id can stand in a log line and a header as it is.
"""

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars

from factbook.kernel.ids import new_id

HEADER = "X-Request-Id"
_NAME = HEADER.lower().encode("ascii")
_ACCEPTED = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class RequestIdMiddleware:
    """Gives each request its id. Outermost, so that every answer carries one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take or make the id, then pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _given_id(scope) or new_id().hex

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        # A new dictionary: a server may hand the same one to every request.
        scope["state"] = {**scope.get("state", {}), "request_id": request_id}
        tokens = bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            reset_contextvars(**tokens)


def request_id_of(scope: Scope) -> str | None:
    """The id of the request, None where the middleware did not run."""
    request_id: str | None = scope.get("state", {}).get("request_id")
    return request_id


def _given_id(scope: Scope) -> str | None:
    values = [value for name, value in scope["headers"] if name == _NAME]
    return values[0].decode("ascii") if len(values) == 1 and _ACCEPTED.fullmatch(values[0]) else None
