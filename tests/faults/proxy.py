"""A TCP proxy that harms the connections through it: cuts them, delays what they carry, or swallows it without a word."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Proxy:
    """Stands in front of one address. What `delay_seconds` and `swallows` say holds for every chunk from then on, in both directions."""

    def __init__(self, host: str, port: int) -> None:
        self.delay_seconds = 0.0
        self.swallows = False
        self.port = 0
        self.connections = 0
        self._target = (host, port)
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """Break every connection that is open."""
        for writer in self._writers:
            writer.transport.abort()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with suppress(OSError, asyncio.CancelledError):  # a cancelled connection is one that the proxy closes
            there_reader, there_writer = await asyncio.open_connection(*self._target)
            pair = {writer, there_writer}
            self._writers |= pair
            try:
                await asyncio.gather(self._carry(reader, there_writer), self._carry(there_reader, writer))
            finally:
                self._writers -= pair
                for each in pair:
                    each.transport.abort()
        self._tasks.discard(task)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while chunk := await source.read(65536):
            if self.delay_seconds:
                await asyncio.sleep(self.delay_seconds)
            if not self.swallows:
                sink.write(chunk)
                await sink.drain()
        raise ConnectionResetError  # one side has ended, so the other does


@asynccontextmanager
async def proxy_to(host: str, port: int) -> AsyncIterator[Proxy]:
    """A proxy on a free port of 127.0.0.1."""
    proxy = Proxy(host, port)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()
        await server.wait_closed()
