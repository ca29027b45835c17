"""Web servers of the tests' own: real sockets on this machine, each answering what a test tells it to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Respond = Callable[["Exchange"], Awaitable[None]]


@dataclass
class Exchange:
    """One request that came in, and the way to answer it."""

    request: bytes
    local_address: str
    writer: asyncio.StreamWriter

    @property
    def target(self) -> str:
        return self.request.split(b" ")[1].decode()

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()


@dataclass
class WebServer:
    """A running server: its port, and every request that it got."""

    port: int
    exchanges: list[Exchange] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    @property
    def allowed(self) -> frozenset[tuple[str, int]]:
        return frozenset({("127.0.0.1", self.port)})


@asynccontextmanager
async def serving(respond: Respond, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[WebServer]:
    """A server that answers every request by `respond`, while the block lasts."""
    running: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            exchange = Exchange(await reader.readuntil(b"\r\n\r\n"), writer.get_extra_info("sockname")[0], writer)
            served.exchanges.append(exchange)
            await respond(exchange)
        writer.transport.abort() if writer.is_closing() else writer.close()
        running.discard(task)

    server = await asyncio.start_server(connected, host, port, ssl=tls)
    served = WebServer(server.sockets[0].getsockname()[1])
    try:
        yield served
    finally:
        server.close()
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def answer(body: bytes, content_type: str = "text/html; charset=utf-8", **headers: str) -> bytes:
    """A whole answer with this body."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body


def redirect(location: str, status: int = 302) -> bytes:
    """An answer that leads elsewhere."""
    return f"HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


def always(reply: bytes) -> Respond:
    """Answers every request with these bytes."""

    async def respond(exchange: Exchange) -> None:
        await exchange.send(reply)

    return respond
