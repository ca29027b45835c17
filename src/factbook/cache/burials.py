"""Tombstones for what this process heard of. The writer has set one, but an older value may have come in under an epoch it did not know yet.

Every process does it, because the one that stored the older value may not live any more.
"""

import asyncio
from collections.abc import Awaitable, Callable

from factbook.cache.model import Key

_AT_ONCE = 8


class Burials:
    """Changes to be told to the shared tier, each key once, with its highest version."""

    def __init__(self, bury: Callable[[Key, int], Awaitable[object]]) -> None:
        self._bury = bury
        self._waiting: dict[Key, int] = {}
        self._some = asyncio.Event()

    def add(self, key: Key, version: int) -> None:
        """Have it done soon."""
        self._waiting[key] = max(version, self._waiting.get(key, version))
        self._some.set()

    def forget(self) -> None:
        """Leave undone what is waiting, because everything in the shared tier is about to be distrusted."""
        self._waiting.clear()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._some.wait()
            self._some.clear()
            while self._waiting:
                taken = [self._waiting.popitem() for _ in range(min(_AT_ONCE, len(self._waiting)))]
                await asyncio.gather(*(self._bury(key, version) for key, version in taken))
