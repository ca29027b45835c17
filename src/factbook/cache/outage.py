"""Whether the shared tier may be asked. One failure closes it for all requests, so that a server that hangs costs one of them its time-out.

What was lost or stored meanwhile is not known, so before it is asked again the epoch is raised.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from factbook.cache.metrics import Operation, count_error

_PAUSE_SECONDS = 1.0
_EVENTS = {"get": "profile_cache_get_error", "set": "profile_cache_set_error", "invalidate": "profile_cache_invalidate_error"}

log = structlog.get_logger()


class Outage:
    """Begins with a failure and ends when the server answers and the epoch is raised. At first the server has yet to answer."""

    def __init__(self) -> None:
        self._failed = asyncio.Event()
        self._failures = 0
        self.over = asyncio.Event()

    def begin(self, operation: Operation, error: Exception) -> None:
        """A command failed. Only the first failure of an outage is logged."""
        count_error(operation)
        self._failures += 1
        if self.over.is_set():
            self.over.clear()
            log.warning(_EVENTS[operation], error=type(error).__name__)
        self._failed.set()

    async def watch(self, answers: Callable[[], Awaitable[bool]], raise_epoch: Callable[[], Awaitable[None]]) -> None:
        """Bring every outage to its end. A server that answers at once when the process begins needs no new epoch."""
        if await answers():
            self.over.set()
        else:
            self._begin_at_the_start()
        while True:
            await self._failed.wait()
            await self._wait_for_answer(answers)
            seen = self._failures
            await raise_epoch()
            if self._failures == seen:  # commands that were under way may fail late
                self._failed.clear()
                self.over.set()
                log.info("profile_cache_health_check_passed")

    def _begin_at_the_start(self) -> None:
        count_error("health_check")
        log.warning("profile_cache_health_check_failed")
        self._failed.set()

    async def _wait_for_answer(self, answers: Callable[[], Awaitable[bool]]) -> None:
        await asyncio.sleep(_PAUSE_SECONDS)
        told = False
        while not await answers():
            count_error("health_check")
            if not told:
                told = True
                log.warning("profile_cache_health_check_failed")
            await asyncio.sleep(_PAUSE_SECONDS)
