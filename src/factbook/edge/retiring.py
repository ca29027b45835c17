"""Says with every answer of an address that is being retired, errors among them, that it is."""

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from factbook.kernel.retirement import Retirement


class RetiringMiddleware:
    """Adds the headers of a `Retirement` to the answers of the addresses that it covers."""

    def __init__(self, app: ASGIApp, retirements: Sequence[Retirement]) -> None:
        self._app = app
        self._retirements = retirements

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer with the headers."""
        found = next((each for each in self._retirements if each.covers(_path(scope))), None) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        headers = found.headers

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _path(scope: Scope) -> str:
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return path
