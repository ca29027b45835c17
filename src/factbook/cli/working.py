"""`factbook worker`: does what was queued. And the same beside `factbook serve`, in a process of its own, so that no request waits for a job."""

import asyncio
import logging
import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial

import structlog

from factbook.cli.checking import check_model, master_keys_of
from factbook.cli.interrupting import take_terminal_signals
from factbook.cli.running import database_up, fail, read_settings, remarks
from factbook.composition.places import database_place
from factbook.composition.service import engine_of, job_registry, job_tools, keys_that_seal, model_limits, model_of
from factbook.database.opening import running_database
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.edge import configure_logging
from factbook.edge.parent import end_with_parent
from factbook.edge.worker_port import worker_port
from factbook.jobs import Registry, run_job
from factbook.jobs.hatchet.relay import Relay
from factbook.jobs.hatchet.supervising import Patience, supervised
from factbook.jobs.worker import Pace, Worker
from factbook.language.composition import executor_of
from factbook.profile import MasterKeys
from factbook.settings import Settings

_MARGIN_SECONDS = 15  # beyond the time that jobs get to finish: to give back those that do not, and to end
_PAUSE_SECONDS = 1.0  # before a worker that ended by itself is replaced
_SPARE_CONNECTIONS = 2  # beside one for each job: for ticking and for what runs note of themselves

log = structlog.get_logger()


def worker() -> None:
    """Do what is queued until Ctrl-C or SIGTERM, then let what runs finish. Any number of workers share the queue."""
    settings = read_settings()
    check_model(settings)
    masters = master_keys_of(settings)
    registry = registry_of(settings)
    configure_logging(settings.log_level)
    take_terminal_signals()
    with suppress(KeyboardInterrupt), database_up() as opened:
        asyncio.run(_work_alone(settings, opened.urls, masters, registry))
    remarks.print("Stopped.")


async def _work_alone(settings: Settings, urls: DatabaseUrls, masters: MasterKeys, registry: Registry) -> None:
    with _port_of(settings):
        await _work(settings, urls, masters, registry, lambda: remarks.print("The worker is ready (Ctrl-C stops it)"))


@contextmanager
def _port_of(settings: Settings) -> Iterator[None]:
    """The port at which the worker tells of itself, if it is to have one; the command ends when it is taken."""
    host, port = settings.worker_metrics_host, settings.worker_metrics_port
    with ExitStack() as listening:
        if port is not None:
            try:
                listening.enter_context(worker_port(host, port, asyncio.get_running_loop()))
            except OSError as error:
                fail(f"cannot listen on {host}:{port}: {error.strerror}; choose another with FACTBOOK_WORKER_METRICS_PORT")
        yield


def registry_of(settings: Settings) -> Registry:
    """The jobs and their schedules; the command ends when a schedule, or the engine that is to run them, cannot be."""
    try:
        engine_of(settings)
        return job_registry(settings)
    except ValueError as error:
        fail(str(error))


@contextmanager
def worker_beside(settings: Settings, may_start: threading.Event) -> Iterator[Callable[[], None]]:
    """A worker in a process of its own, from when it may start until the block ends, replaced when it ends by itself.

    Calling what is yielded has it begin to stop.
    """
    stopping, running = threading.Event(), _Running()

    def keep() -> None:
        may_start.wait()
        while not stopping.is_set():
            running.start()
            if stopping.is_set():
                running.stop()
            running.wait()
            stopping.wait(_PAUSE_SECONDS)

    def stop() -> None:
        stopping.set()
        may_start.set()
        running.stop()

    keeping = threading.Thread(target=keep, name="keep-worker", daemon=True)
    keeping.start()
    try:
        yield stop
    finally:
        stop()
        keeping.join(settings.shutdown_seconds + _MARGIN_SECONDS)
        running.kill()


class _Running:
    """The one process that works beside the service, if it runs."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._process: multiprocessing.context.SpawnProcess | None = None

    def start(self) -> None:
        self._process = self._context.Process(target=_work_beside, name="worker")
        self._process.start()

    def wait(self) -> None:
        if self._process is not None:
            self._process.join()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        if self._process is not None and self._process.is_alive():
            self._process.kill()


def _work_beside() -> None:
    settings = Settings()
    configure_logging(settings.log_level)
    end_with_parent()
    urls = running_database(database_place(settings)).urls
    asyncio.run(_work(settings, urls, keys_that_seal(settings), job_registry(settings), lambda: None))


async def _work(settings: Settings, urls: DatabaseUrls, masters: MasterKeys, registry: Registry, ready: Callable[[], None]) -> None:
    # What pgqueuer says below this is what our own log says of each run.
    logging.getLogger("pgqueuer").setLevel(logging.WARNING)
    pace = Pace(concurrency=settings.worker_concurrency, drain_seconds=settings.shutdown_seconds)
    engine = engine_of(settings)
    database = await Database.open(urls, settings.worker_concurrency + _SPARE_CONNECTIONS)
    try:
        if engine is not None:
            relay = Relay(engine, database, urls.queue)
            await _hand_over(relay, Worker(urls.queue, database, registry, relay.hand_over, pace), settings, ready)
            return
        async with executor_of(model_of(settings), model_limits(settings)) as language:
            tools = job_tools(settings, database, masters, language)
            working = Worker(urls.queue, database, registry, partial(run_job, registry, tools), pace)
            _stop_on_signals(working.stop)
            ready()
            await working.run()
    finally:
        await database.close()


async def _hand_over(relay: Relay, working: Worker, settings: Settings, ready: Callable[[], None]) -> None:
    """Hand over what is picked instead of running it, and have a process run what the engine assigns."""

    def stop() -> None:
        relay.stop()
        working.stop()

    _stop_on_signals(stop)
    async with relay.open(working.id), supervised(relay, _engine_runs, Patience(end=settings.shutdown_seconds)):
        ready()
        await working.run()


def _engine_runs(health_port: int) -> list[str]:
    return [sys.executable, "-m", "factbook.cli.engine_runs", str(health_port)]


def _stop_on_signals(stop: Callable[[], None]) -> None:
    if sys.platform != "win32":  # where a process is ended outright, and its jobs are picked by another one
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
