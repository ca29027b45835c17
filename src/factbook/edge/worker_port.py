"""The port at which a worker that stands alone tells whether it is alive and what it has counted. It has two paths and answers GET alone."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from factbook.edge.metrics import CONTENT_TYPE, render_metrics

_REQUEST_SECONDS = 10.0
# The worker's loop answers at once unless something keeps it from everything.
_LOOP_SECONDS = 5.0


@contextmanager
def worker_port(host: str, port: int, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Listen while the block lasts. `/healthz` is 200 as long as the worker's loop turns, and 503 otherwise. `OSError` where the port is taken."""

    class Handler(_Handler):
        worker_loop = loop

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        daemon_threads = True
        block_on_close = False

    with Server((host, port), Handler) as server:
        listening = threading.Thread(target=server.serve_forever, name="worker-port", daemon=True)
        listening.start()
        try:
            yield
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    server_version = "factbook"
    sys_version = ""
    timeout = _REQUEST_SECONDS
    worker_loop: ClassVar[asyncio.AbstractEventLoop]

    def do_GET(self) -> None:  # the library's name for it
        match self.path.partition("?")[0]:
            case "/healthz":
                alive = _turns(self.worker_loop)
                self._answer(200 if alive else 503, "application/json", b'{"status":"alive"}' if alive else b'{"status":"stuck"}')
            case "/metrics":
                self._answer(200, CONTENT_TYPE, render_metrics())
            case _:
                self._answer(404, "text/plain; charset=utf-8", b"There is /healthz and /metrics.\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's name for it
        """Nothing: whoever watches asks every few seconds."""

    def _answer(self, status: int, media_type: str, content: bytes) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(content)), "X-Content-Type-Options": "nosniff"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def _turns(loop: asyncio.AbstractEventLoop) -> bool:
    turned = threading.Event()
    try:
        loop.call_soon_threadsafe(turned.set)
    except RuntimeError:  # closed
        return False
    return turned.wait(_LOOP_SECONDS)
