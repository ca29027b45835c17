"""When the shared tier may be believed, told and filled by this process: under which epoch, and by whom. Without Redis nothing is shared.

What is shared is read and stored only by a process that holds a lease, has listened for a while, and knows of no epoch to come.
"""

import asyncio
import time
from collections.abc import Coroutine

from factbook.cache.burials import Burials
from factbook.cache.model import Entry, Key, Limits
from factbook.cache.outage import Outage
from factbook.cache.shared import LookUp, Shared
from factbook.cache.subscription import Subscription
from factbook.kernel.clock import now

# Others may have stored an old value just before this process began to listen; by now they have heard of the change and buried it.
_SETTLING_SECONDS = 0.5
_PUTS_AT_ONCE = 64  # of more, those that come last are left out


class Sharing:
    """What one process does with the shared tier. Begins with `run`."""

    def __init__(self, redis_url: str | None, subscription: Subscription, limits: Limits) -> None:
        self.epoch: int | None = None
        self._subscription = subscription
        self._seconds = limits.shared_seconds
        self._outage = Outage()
        self._shared = Shared(redis_url, self._outage) if redis_url else None
        self._burials = Burials(self._bury)
        self._puts: set[asyncio.Task[None]] = set()

    @property
    def is_off(self) -> bool:
        """Whether there is no shared tier, by choice."""
        return self._shared is None

    @property
    def is_reachable(self) -> bool:
        """Whether the server answers and is in use."""
        return self._outage.over.is_set()

    async def run(self) -> None:
        """Bury and watch until cancelled, then close."""
        if self._shared is None:
            return
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._burials.run())
                tasks.create_task(self._outage.watch(self._shared.answers, self._subscription.raise_epoch))
        finally:
            self._outage.over.clear()  # unwatched, nothing shared may be believed
            for put in self._puts:
                put.cancel()
            await asyncio.gather(*self._puts, return_exceptions=True)
            await self._shared.close()

    def readable_epoch(self) -> int | None:
        """The epoch under which values may be read and stored; None while that is not known for certain."""
        settled = time.monotonic() >= self._subscription.listens_since() + _SETTLING_SECONDS
        return self._trusted_epoch() if settled and self._subscription.holds_lease() else None

    async def look_up(self, key: Key) -> LookUp | None:
        """What is held under the key, its entry left out when the epoch has changed meanwhile; None when nobody could be asked."""
        epoch = self.readable_epoch()
        if self._shared is None or epoch is None:
            return None
        found = await self._shared.look_up(key, epoch)
        return found if found is None or epoch == self.readable_epoch() else LookUp(None, epoch, found.put_until)

    def put(self, key: Key, entry: Entry, missed: LookUp) -> None:
        """Share what was loaded after the look-up that missed, unless the epoch has changed since. Nobody waits for it."""
        if self._shared is None or missed.epoch != self.readable_epoch() or len(self._puts) >= _PUTS_AT_ONCE:
            return
        seconds = float(self._seconds[key.kind])
        if entry.valid_until is not None:
            seconds = min(seconds, (entry.valid_until - now()).total_seconds())
        self._begin(self._shared.put(key, missed.epoch, entry, seconds, missed.put_until))

    async def announce(self, key: Key, version: int) -> bool:
        """Whether nothing older can be had from now on, though the epoch stays. Only a lease says that no other has long been in use."""
        return self._shared is None or (self._subscription.holds_lease() and await self._bury(key, version))

    def bury(self, key: Key, version: int) -> None:
        """Hide what is older than what was heard of, soon."""
        if self._shared is not None:
            self._burials.add(key, version)

    def distrust(self) -> None:
        """Something was not heard, so nobody knows what should have been buried: the epoch is raised before anything is read again."""
        self.epoch = None
        self._burials.forget()
        if self._shared is not None:
            self._subscription.want_epoch_raised()

    def _trusted_epoch(self) -> int | None:
        return self.epoch if self._outage.over.is_set() and not self._subscription.epoch_is_to_be_raised else None

    async def _bury(self, key: Key, version: int) -> bool:
        epoch = self._trusted_epoch()  # without one nothing is stored, and a new one is on its way
        return self._shared is not None and epoch is not None and await self._shared.bury(key, epoch, version)

    def _begin(self, put: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(put)
        self._puts.add(task)
        task.add_done_callback(self._puts.discard)
