"""Handing jobs over to the engine: the queue's rows go to it one by one, and come back when nobody is seen working on them.

The engine is never trusted with the only copy. A job stays on record here until a run finishes it; the engine may lose it, run it twice or be
away for days. While it is away, jobs are not taken out of the queue: the few that were are held here until it is back.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
import structlog
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from prometheus_client import Counter

from factbook.database.pools import Database
from factbook.jobs import queue_store
from factbook.jobs.hatchet import store
from factbook.jobs.hatchet.engine import Engine, EngineLine
from factbook.jobs.hatchet.model import EngineFailure, EngineState, HandedOver
from factbook.jobs.model import Ending, Outcome
from factbook.kernel import clock

RELAYED = Counter("factbook_jobs_relayed_total", "Jobs that were to be handed over to the Hatchet engine, by what came of it.", ["outcome"])

_STATEMENT_SECONDS = 10

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. Runs show life several times within `again`.

    `again`: how long a job may be with the engine without a sign of life before it is handed over anew. `look`: the time between two looks at the
    engine and for jobs without a sign of life. `pause`: the time before a job is tried again that the engine did not take.
    """

    again: float = 120.0
    look: float = 5.0
    pause: float = 5.0


class Relay:
    """Hands jobs over to one engine. Use it inside `open()`."""

    def __init__(self, engine: Engine, database: Database, queue_url: str, pace: Pace = Pace()) -> None:
        self._line = EngineLine(engine)
        self._database = database
        self._queue_url = queue_url
        self._queue: asyncpg.Connection[asyncpg.Record] | None = None
        self._pace = pace
        self._engine: EngineState | None = None
        self._told: EngineState | None = None
        self._is_in_touch = False
        self._answers = asyncio.Event()
        self._is_open = asyncio.Event()
        self._stopping = asyncio.Event()

    @asynccontextmanager
    async def open(self, worker_id: UUID) -> AsyncIterator[None]:
        """Look at the engine and for lost jobs again and again while the block lasts, and say in the name of the worker how the engine is."""
        looking = asyncio.create_task(self._keep_looking(worker_id))
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            self._leave_queue()
            await self._line.close()

    @property
    def state(self) -> EngineState:
        """How the engine was when it was called last, and whether anybody here runs what it assigns."""
        engine = self._engine or EngineState.UNREACHABLE
        return EngineState.NOBODY_RUNS if engine is EngineState.OK and not self._is_in_touch else engine

    @property
    def answers(self) -> bool:
        """Whether the engine was there and took the token when it was called last."""
        return self._answers.is_set()

    async def until_it_answers(self) -> None:
        """Wait until the engine is there and takes the token."""
        await self._answers.wait()

    def runner_is_in_touch(self, *, is_in_touch: bool) -> None:
        """Take note whether the process that runs what the engine assigns is in touch with it. Until then nothing is handed over."""
        self._is_in_touch = is_in_touch
        self._see(self._engine)

    def stop(self) -> None:
        """Hand nothing over any more: what waits for the engine goes back into the queue."""
        self._stopping.set()

    async def hand_over(self, tenant_id: UUID, job_id: UUID) -> Ending:
        """Hand one job over, once somebody can run it. `finished_elsewhere`: the engine has it. `retry`: it did not take it; try again later."""
        if not await self._may_hand_over():
            return Ending(Outcome.RETRY)
        async with self._database.transaction(tenant_id) as connection:
            due_at = clock.now() + timedelta(seconds=self._pace.again)
            name = await store.leave_to_engine(connection, tenant_id, job_id, due_at)
        if name is None:
            return Ending(Outcome.FINISHED_ELSEWHERE)
        try:
            await self._line.trigger(name, HandedOver(tenant_id=tenant_id, job_id=job_id))
        except EngineFailure as failure:
            self._see(failure.state)
            RELAYED.labels("refused" if failure.state is EngineState.OK else "engine_away").inc()
            log.warning("job_not_handed_over", job=name, tenant_id=str(tenant_id), job_id=str(job_id), status=failure.code.name)
            return Ending(Outcome.RETRY, self._pace.pause)
        RELAYED.labels("handed_over").inc()
        return Ending(Outcome.FINISHED_ELSEWHERE)

    async def _may_hand_over(self) -> bool:
        """Wait until the engine is there and somebody runs for it, or until this is stopped."""
        waiting = {asyncio.ensure_future(self._is_open.wait()), asyncio.ensure_future(self._stopping.wait())}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
        return not self._stopping.is_set()

    async def _keep_looking(self, worker_id: UUID) -> None:
        while True:
            try:
                await self._line.version()
                self._see(EngineState.OK)
            except EngineFailure as failure:
                self._see(failure.state)
            try:
                await self._keep_record(worker_id)
            except Exception as error:  # whatever it was, the next look is due
                log.warning("engine_not_noted", exc_info=error)
                self._leave_queue()
            await asyncio.sleep(self._pace.look)

    async def _keep_record(self, worker_id: UUID) -> None:
        """Say how the engine is, and hand out anew what it should have shown life of by now."""
        if self._queue is None:
            settings = {"application_name": "factbook relay"}
            self._queue = await asyncpg.connect(
                self._queue_url, timeout=_STATEMENT_SECONDS, command_timeout=_STATEMENT_SECONDS, server_settings=settings
            )
        driver = AsyncpgDriver(self._queue)
        await store.note_engine(driver, worker_id, self.state)
        if self._is_open.is_set() and (lost := await queue_store.hand_out_lost_jobs(driver, timedelta(0))):
            log.info("jobs_handed_over_anew", jobs=lost)

    def _leave_queue(self) -> None:
        queue, self._queue = self._queue, None
        if queue is not None:
            queue.terminate()  # closing would wait for a server that may not answer

    def _see(self, engine: EngineState | None) -> None:
        self._engine = engine
        _set(self._answers, to=engine is EngineState.OK)
        _set(self._is_open, to=self.state is EngineState.OK)
        if self.state is not self._told:
            self._told = self.state
            (log.info if self.state is EngineState.OK else log.warning)("engine_seen", state=self.state)


def _set(event: asyncio.Event, *, to: bool) -> None:
    if to:
        event.set()
    else:
        event.clear()
