"""The local worker: picks jobs, runs several at a time, ticks, and goes on by itself when the database comes back.

Stopped, it takes no more jobs, lets those that run finish for as long as it is given, and hands the rest back as if they had not begun.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
import structlog
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.core.qm import QueueManager

from factbook.database.pools import Database
from factbook.jobs import queue_store
from factbook.jobs.declaring import Registry
from factbook.jobs.handing_out import Runner, queue_manager
from factbook.jobs.model import Ending, Outcome
from factbook.jobs.ticking import tick
from factbook.kernel import clock
from factbook.kernel.ids import new_id

_CONNECT_SECONDS = 10
_STATEMENT_SECONDS = 30
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0
_UNRECORDED_PAUSE_SECONDS = 5.0  # before a run is tried again whose end could not be put on record
_SECONDS_TO_GIVE_BACK = 10.0
_OVERDUE = timedelta(minutes=2)  # after which a job that nobody hands out counts as lost
_LOG_KEPT = timedelta(days=1)
_TIDY_EVERY = 12  # looks after the house

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """How much a worker does at once and how often it looks. A worker that is silent for `heartbeat_seconds` counts as dead, and its jobs as free."""

    concurrency: int = 10
    heartbeat_seconds: float = 30.0
    house_seconds: float = 5.0
    drain_seconds: float = 15.0


class Worker:
    """One worker of a process. `runner` runs what is picked; `database` is for ticking alone."""

    def __init__(self, queue_url: str, database: Database, registry: Registry, runner: Runner, pace: Pace = Pace()) -> None:
        self.id = new_id()
        self._url = queue_url
        self._database = database
        self._registry = registry
        self._runner = runner
        self._pace = pace
        self._started_at = clock.now()
        self._stopping = asyncio.Event()
        self._places = asyncio.Semaphore(pace.concurrency)
        self._runs: set[asyncio.Task[Ending]] = set()
        self._managers: set[asyncio.Task[None]] = set()
        self._was_away = False

    def stop(self) -> None:
        """Take no more jobs; `run` returns when those that run have ended or were given back."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped, on one connection after another."""
        log.info("worker_started", worker_id=str(self.id), jobs=self._registry.names, concurrency=self._pace.concurrency)
        pause = _FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            began = asyncio.get_running_loop().time()
            try:
                await self._work()
            except Exception as error:  # noqa: BLE001  # whatever ended the connection, the worker must go on
                lasted = asyncio.get_running_loop().time() - began
                pause = _FIRST_PAUSE_SECONDS if lasted > _LONGEST_PAUSE_SECONDS else min(2 * pause, _LONGEST_PAUSE_SECONDS)
                self._tell_away(error)
                await self._wait(pause)
        await self._drain()
        log.info("worker_stopped", worker_id=str(self.id))

    async def _work(self) -> None:
        """Work on one connection until stopped; raises when the connection is lost."""
        async with self._connected() as driver:
            manager = queue_manager(driver, self._registry.names, self._run_one)
            managing = asyncio.create_task(self._manage(manager))
            self._managers.add(managing)
            managing.add_done_callback(self._has_ended)
            beside = [asyncio.create_task(each) for each in (self._show_up(driver), self._keep_house(driver), self._stopping.wait())]
            try:
                await asyncio.wait({managing, *beside}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                manager.shutdown.set()
                await _ended(*beside)
            if self._stopping.is_set():
                await self._drain()
                with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):  # without a word it counts as gone soon
                    await queue_store.forget_worker(driver, self.id)
                return
        # Jobs that run go on. Their manager ends with the last of them and, without its connection, hands nothing out any more.
        for task in (managing, *beside):
            if task.done() and not task.cancelled():
                await task

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncpgDriver]:
        # Picking waits for no disk: what a crash of the server takes back is handed out again, and the record says whether it was done.
        settings = {"application_name": "factbook worker", "synchronous_commit": "off"}
        connection = await asyncpg.connect(self._url, timeout=_CONNECT_SECONDS, command_timeout=_STATEMENT_SECONDS, server_settings=settings)
        try:
            yield AsyncpgDriver(connection)
        finally:
            connection.terminate()  # closing would wait for a server that may not answer

    async def _manage(self, manager: QueueManager) -> None:
        at_once = max(self._pace.concurrency, 2)
        await manager.run(
            batch_size=at_once // 2,
            max_concurrent_tasks=at_once,
            dequeue_timeout=timedelta(seconds=min(5.0, self._pace.heartbeat_seconds / 2)),
            heartbeat_timeout=timedelta(seconds=self._pace.heartbeat_seconds),
            shutdown_on_listener_failure=True,
            log_aggregation_interval=timedelta(0),  # its statistics are not used
        )

    async def _run_one(self, tenant_id: UUID, job_id: UUID) -> Ending:
        """Run a job that was picked, when there is a place. It raises nothing: a run that was not put on record is tried again."""
        async with self._places:
            if self._stopping.is_set():
                return Ending(Outcome.RETRY)
            run = asyncio.ensure_future(self._runner(tenant_id, job_id))
            self._runs.add(run)
            run.add_done_callback(self._runs.discard)
            await asyncio.wait({run})
        if run.cancelled():
            return Ending(Outcome.RETRY)
        error = run.exception()
        if error is None:
            return run.result()
        log.warning("job_run_not_recorded", tenant_id=str(tenant_id), job_id=str(job_id), exc_info=error)
        return Ending(Outcome.RETRY, _UNRECORDED_PAUSE_SECONDS)

    async def _show_up(self, driver: AsyncpgDriver) -> None:
        """Say that the worker is there, again and again; raises when the connection is lost."""
        while True:
            await queue_store.note_worker(driver, self.id, self._started_at)
            if self._was_away:
                self._was_away = False
                log.info("worker_connected_again", worker_id=str(self.id))
            await asyncio.sleep(self._pace.house_seconds)

    async def _keep_house(self, driver: AsyncpgDriver) -> None:
        """Tick, and now and then look for lost jobs and tidy up; raises when the connection is lost."""
        looks = 0
        while True:
            await tick(driver, self._registry, self._database)
            if looks % _TIDY_EVERY == 0:
                if lost := await queue_store.hand_out_lost_jobs(driver, _OVERDUE):
                    log.warning("lost_jobs_handed_out", jobs=lost)
                await queue_store.forget_log(driver, _LOG_KEPT)
            looks += 1
            await asyncio.sleep(self._pace.house_seconds)

    async def _drain(self) -> None:
        """Wait for the runs, then give back what still runs, then wait until that is said."""
        if self._managers:
            await asyncio.wait(self._managers, timeout=self._pace.drain_seconds)
        if self._runs:
            log.warning("worker_gives_back", worker_id=str(self.id), jobs=len(self._runs))
        for run in self._runs:
            run.cancel()
        if self._managers:
            await asyncio.wait(self._managers, timeout=_SECONDS_TO_GIVE_BACK)
        await _ended(*self._managers)

    def _has_ended(self, managing: "asyncio.Task[None]") -> None:
        self._managers.discard(managing)
        if not managing.cancelled():
            managing.exception()  # looked at here, since a manager may outlive the connection that somebody waited for

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    def _tell_away(self, error: Exception) -> None:
        if not self._was_away and not self._stopping.is_set():
            self._was_away = True
            log.warning("worker_lost_its_connection", worker_id=str(self.id), exc_info=error)


async def _ended(*tasks: "asyncio.Task[object]") -> None:
    """Cancel what has not ended, and wait until it has. What it raised is told by whoever waits for it."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
