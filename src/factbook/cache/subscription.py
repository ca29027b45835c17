"""The one connection on which a process hears what others wrote, and the lease that proves that it has heard everything.

PostgreSQL signals the listeners of a commit before it answers the writer, and hands a listener what is pending before it ends the answer to
a statement. So when a ping that was sent at an instant is answered, every write acknowledged before that instant has been heard.
"""

import asyncio
import time
from collections.abc import Callable
from typing import TypeAlias

import asyncpg
import structlog

from factbook.cache import store
from factbook.cache.metrics import count_error
from factbook.cache.model import LEASE_SECONDS
from factbook.cache.payload import CHANNEL

_PING_SECONDS = 0.05  # four pings to a lease, so that a slow one costs nothing
_ANSWER_SECONDS = 1.0  # after which the connection counts as lost
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 1.0
# Raising the epoch waits for others who raise it. Waiting longer would cost the lease; it is tried again with the next ping.
_SETTINGS = {"lock_timeout": "50ms", "application_name": "factbook cache"}
_NEVER = float("-inf")

_Listener: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

log = structlog.get_logger()


class Subscription:
    """Connects, listens and pings until it is cancelled; what it hears goes to `heard`, in the order of the commits. `lost` tells of deafness."""

    def __init__(self, url: str, heard: Callable[[str], None], lost: Callable[[], None]) -> None:
        self._url = url
        self._heard = heard
        self._lost = lost
        self._lease_end = _NEVER
        self._began = _NEVER
        self._was_lost = False
        self._raising: asyncio.Future[None] | None = None
        self.listening = asyncio.Event()

    def holds_lease(self) -> bool:
        """Whether every write that was acknowledged before now, less the length of the lease, has been heard."""
        return time.monotonic() <= self._lease_end

    def listens_since(self) -> float:
        """When this connection began to listen, on the monotonic clock. Without a lease it means nothing."""
        return self._began

    def want_epoch_raised(self) -> "asyncio.Future[None]":
        """Have the epoch raised with the next ping, for everybody. The future is done when it is."""
        if self._raising is None:
            self._raising = asyncio.get_running_loop().create_future()
        return self._raising

    async def raise_epoch(self) -> None:
        """Have the epoch raised, and wait until it is, for as long as it takes."""
        await asyncio.shield(self.want_epoch_raised())

    @property
    def epoch_is_to_be_raised(self) -> bool:
        """Whether somebody waits for it."""
        return self._raising is not None

    async def run(self) -> None:
        """Listen for ever, on one connection after another."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._listen()
            except Exception as error:  # noqa: BLE001  # whatever ended it, even a driver confused by a broken connection, listening must go on
                pause = _FIRST_PAUSE_SECONDS if self.listening.is_set() else min(2 * pause, _LONGEST_PAUSE_SECONDS)
                self._tell_lost(error)
            await asyncio.sleep(pause)

    async def _listen(self) -> None:
        """Listen on a new connection until it is lost, which raises."""
        connection = await asyncpg.connect(self._url, timeout=_ANSWER_SECONDS, server_settings=_SETTINGS)
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await connection.add_listener(CHANNEL, self._hear)
                began = time.monotonic()
                await store.tell_epoch(connection)
            self._tell_found(began)
            while True:
                await self._ping(connection)
                await asyncio.sleep(_PING_SECONDS)
        finally:
            self._lease_end = _NEVER
            connection.terminate()  # closing would wait for a server that may not answer

    def _hear(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self._heard(str(payload))

    async def _ping(self, connection: _Listener) -> None:
        sent = time.monotonic()
        async with asyncio.timeout(_ANSWER_SECONDS):
            if self._raising is None:
                await store.ping(connection)
            else:
                await self._raise(connection, self._raising)
        # The driver calls the listeners in the loop's order, before it wakes this task.
        self._lease_end = sent + LEASE_SECONDS
        self.listening.set()

    async def _raise(self, connection: _Listener, waiting: "asyncio.Future[None]") -> None:
        try:
            await store.raise_epoch(connection)
        except asyncpg.LockNotAvailableError:
            return  # somebody else is raising it, in a transaction that has not ended: an answer all the same
        self._raising = None
        waiting.set_result(None)

    def _tell_found(self, began: float) -> None:
        self._began = began
        if self._was_lost:
            self._was_lost = False
            log.info("cache_subscription_restored")

    def _tell_lost(self, error: Exception) -> None:
        if self.listening.is_set():
            self.listening.clear()
            self._lost()
        count_error("subscription")
        if not self._was_lost:
            self._was_lost = True
            log.warning("cache_subscription_lost", error=type(error).__name__)
