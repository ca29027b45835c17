"""`factbook serve`: the HTTP service on a database that is up and migrated."""

import asyncio
import multiprocessing
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from http.client import HTTPConnection, HTTPException

import typer
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import MPServer

from factbook.cli.checking import check_model, master_keys_of
from factbook.cli.demonstration import DemoTenant, load_demo
from factbook.cli.interrupting import take_terminal_signals
from factbook.cli.running import database_up, fail, read_settings, remarks
from factbook.cli.working import registry_of, worker_beside
from factbook.database.opening import OpenedDatabase
from factbook.database.pools import Database
from factbook.edge import server_logging
from factbook.profile import Backend, MasterKeys
from factbook.settings import Settings

_READY_WITHIN_SECONDS = 60


def serve(demo: bool = typer.Option(False, "--demo", help="Load the demo tenant first and show its key.")) -> None:
    """Run the HTTP service until Ctrl-C or SIGTERM. Starts the embedded database unless a server of your own is set."""
    settings = read_settings()
    _refuse_taken_port(settings)
    check_model(settings)
    masters = master_keys_of(settings)
    registry_of(settings)
    take_terminal_signals()
    # While serving, the server acts on signals itself; an interrupt comes up to here from the start-up only. Both are the end that was asked for.
    with suppress(KeyboardInterrupt), database_up() as opened:
        shown = asyncio.run(_with_pool(opened, settings, masters)) if demo else None
        ready = threading.Event()  # until then the worker would only take the processor from those who are waited for
        with _metrics_of_all_processes(settings), worker_beside(settings, ready) if settings.serve_worker else nullcontext() as stop_worker:
            threading.Thread(target=_announce, args=(settings, shown, ready), daemon=True).start()
            server = _server(settings)
            if stop_worker is not None:
                server.on_stopping = stop_worker
            server.serve()
    remarks.print("Stopped.")


class _Server(MPServer):
    """The HTTP processes, and what is to begin to stop when they do."""

    on_stopping: Callable[[], None] = staticmethod(lambda: None)

    def shutdown(self, exit_code: int = 0) -> None:
        """Stop all of it. The worker's jobs finish while the last requests do."""
        self.on_stopping()
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]  # granian leaves it untyped


async def _with_pool(opened: OpenedDatabase, settings: Settings, masters: MasterKeys) -> DemoTenant:
    database = await Database.open(opened.urls, pool_size=1)
    try:
        return await load_demo(Backend(database, masters), settings.data_dir)
    finally:
        await database.close()


def _server(settings: Settings) -> _Server:
    # A fresh interpreter for each HTTP process, on every platform: a fork would copy locks of running threads, and counters that are bound to this
    # process already.
    multiprocessing.set_start_method("spawn", force=True)
    return _Server(
        "factbook.app:serving_app",
        factory=True,
        interface=Interfaces.ASGI,
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        websockets=False,
        workers_kill_timeout=settings.shutdown_seconds,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        log_dictconfig=server_logging(),
    )


def _refuse_taken_port(settings: Settings) -> None:
    """Find a taken port before anything is started; the server itself would only say so in a stack trace."""
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            fail(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; choose another with FACTBOOK_PORT")


@contextmanager
def _metrics_of_all_processes(settings: Settings) -> Iterator[None]:
    """With several processes, have them count into one folder, so that `/metrics` of any HTTP process shows the sum."""
    if settings.workers == 1 and not settings.serve_worker:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="factbook-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield


def _announce(settings: Settings, demo: DemoTenant | None, ready: threading.Event) -> None:
    """Say where the service is once it really answers."""
    try:
        _announce_when_ready(settings, demo)
    finally:
        ready.set()


def _announce_when_ready(settings: Settings, demo: DemoTenant | None) -> None:
    deadline = time.monotonic() + _READY_WITHIN_SECONDS
    while not _is_ready(settings):
        if time.monotonic() > deadline:
            remarks.print("The service is not ready yet; /readyz tells which part is missing.", style="yellow")
            return
        time.sleep(0.1)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}"
    remarks.print(f"\nFactbook is ready at {address}  (documentation at {address}/docs, Ctrl-C stops it)")
    if demo is not None:
        remarks.print(f"Key of the demo tenant: {demo.key}")
        remarks.print(f"Try: curl -H 'Authorization: Bearer {demo.key}' {address}/v1/customers/{demo.customer_id}/history")


def _is_ready(settings: Settings) -> bool:
    connection = HTTPConnection("127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host, settings.port, timeout=5)  # noqa: S104
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
