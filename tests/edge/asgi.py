"""One exchange with an ASGI application, message by message, for what no HTTP client would send."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message

Header = tuple[bytes, bytes]


@dataclass
class Exchange:
    """What the application was given and what it answered so far. `reads` counts how often it asked for the body."""

    messages: list[Message] = field(default_factory=list)
    reads: int = 0
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode().lower(): value.decode("latin-1") for name, value in self.messages[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages[1:])

    async def run(
        self,
        app: ASGIApp,
        method: str = "GET",
        path: str = "/",
        headers: Sequence[Header] = (),
        body: Sequence[bytes] = (b"",),
        query: bytes = b"",
        state: dict[str, Any] | None = None,
    ) -> "Exchange":
        """Send one request whose body comes in the given pieces; then the caller stays connected for ever."""
        pieces = list(body)

        async def receive() -> Message:
            self.reads += 1
            if not pieces:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

        async def send(message: Message) -> None:
            self.messages.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self.answered.set()

        scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "scheme": "http",
            "root_path": "",
            "client": ("192.0.2.1", 1),
            "server": ("factbook", 80),
        }
        scope |= {"method": method, "path": path, "query_string": query, "headers": list(headers)}
        if state is not None:
            scope["state"] = state
        await app(scope, receive, send)
        return self


async def exchange(app: ASGIApp, method: str = "GET", path: str = "/", **request: Any) -> Exchange:
    """The whole exchange of one request."""
    return await Exchange().run(app, method, path, **request)
