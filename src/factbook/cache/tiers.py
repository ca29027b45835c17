"""The two tiers as one cache, and the rules of coherence: what may be served, kept, shared and waited for together.

The argument is in docs/explanation/cache.md. Everything between two awaits is one step of the event loop, and the argument rests on that.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine

import structlog

from factbook.cache import payload, store
from factbook.cache.burials import Burials
from factbook.cache.floors import Floors
from factbook.cache.memory import Memory
from factbook.cache.metrics import MISSES, PROCESS_HITS, SHARED_HITS, Reason, count_invalidation
from factbook.cache.model import Entry, Key, Kind, Limits
from factbook.cache.outage import Outage
from factbook.cache.shared import LookUp, Shared
from factbook.cache.subscription import Subscription
from factbook.database.pools import Connection
from factbook.kernel.clock import now

Load = Callable[[], Awaitable[Entry]]

_OPENING_SECONDS = 1.0
# Others may have stored an old value just before this process began to listen; by now they have heard of the change and buried it.
_SETTLING_SECONDS = 0.5
_LONGEST_LOAD_SECONDS = 5.0  # of one whose result is still shared
_SHARING_AT_ONCE = 64

log = structlog.get_logger()


class Cache:
    """The cache of one process. Open it once, close it at shutdown."""

    def __init__(self, listen_url: str, redis_url: str | None, limits: Limits) -> None:
        self._limits = limits
        self._memory = Memory(limits)
        self._floors = Floors()
        self._flights: dict[Key, asyncio.Task[Entry]] = {}
        self._background: set[asyncio.Task[None]] = set()
        self._epoch: int | None = None
        self._subscription = Subscription(listen_url, self._hear, self._deafen)
        self._outage = Outage()
        self._shared = Shared(redis_url, self._outage) if redis_url else None
        self._burials = Burials(self._bury)

    @classmethod
    async def open(cls, listen_url: str, redis_url: str | None, limits: Limits | None = None) -> "Cache":
        """Begin to listen, as the reader role. Neither the database nor Redis needs to be there now; without the one nothing is cached."""
        cache = cls(listen_url, redis_url, limits or Limits())
        cache._begin(cache._subscription.run())
        if cache._shared is not None:
            cache._begin(cache._burials.run())
            cache._begin(cache._outage.watch(cache._shared.answers, cache._subscription.raise_epoch))
        try:
            async with asyncio.timeout(_OPENING_SECONDS):
                await cache._subscription.listening.wait()
        except TimeoutError:
            pass  # readiness tells
        return cache

    async def close(self) -> None:
        """Stop listening. Loads under way are given up."""
        tasks = [*self._background, *self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._memory.drop_all()
        if self._shared is not None:
            await self._shared.close()

    def state(self) -> str:
        """`ok`, `off` when that means one tier of two by choice, or what is wrong: `not listening`, `redis unreachable`."""
        if not self._subscription.holds_lease():
            return "not listening"
        if self._shared is None:
            return "off"
        return "ok" if self._outage.over.is_set() else "redis unreachable"

    async def get(self, key: Key, load: Load) -> Entry:
        """The entry, as new as every write that was acknowledged `BOUND_SECONDS` before this call, and every write of this process.

        `load` reads it from the primary database, on a connection of its own: others may wait for it when the caller has long gone.
        """
        has_lease = self._subscription.holds_lease()
        entry = self._memory.get(key)
        if entry is not None and has_lease and (entry.valid_until is None or now() < entry.valid_until):
            PROCESS_HITS[key.kind].inc()
            return entry
        if not has_lease:
            # Without a lease an overtaken load cannot be told from another, so nobody waits for the load of somebody else.
            MISSES[key.kind].inc()
            return await load()
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.create_task(self._fly(key, load))
            flight.add_done_callback(_take_note)
        return await asyncio.shield(flight)

    async def announce(self, connection: Connection, key: Key, version: int) -> None:
        """Tell every cache of the key's new version, once the transaction commits. The last thing the writing transaction does."""
        # Only a lease says that no other epoch has long been in use.
        if self._shared is None or (self._subscription.holds_lease() and await self._bury(key, version)):
            await store.notify_of_key(connection, key, version)
        else:
            await store.notify(connection, key, version)

    def settle(self, key: Key, version: int) -> None:
        """The transaction has committed: from now on this process serves nothing older."""
        self._invalidate(key, version, "own_write")

    # What is heard.

    def _hear(self, text: str) -> None:
        match payload.read(text):
            case payload.Changed(key, version):
                self._invalidate(key, version, "message")
                if self._shared is not None:
                    self._burials.add(key, version)
            case payload.EpochRaised(epoch):
                if self._epoch is None or epoch > self._epoch:
                    self._epoch = epoch
                    _count("epoch", self._memory.drop_all(from_shared_only=True))
            case None:
                # Written by a later version of this program, perhaps: it may mean any key.
                self._forget()

    def _invalidate(self, key: Key, version: int, reason: Reason) -> None:
        self._floors.raise_to(key, version)
        self._flights.pop(key, None)  # overtaken: whoever waits for it came before the change was heard
        if self._memory.drop_below(key, version):
            count_invalidation(key.kind, reason)
            log.debug("profile_cache_invalidated", kind=key.kind, reason=reason)

    def _forget(self) -> None:
        self._flights.clear()
        _count("channel", self._memory.drop_all())

    def _deafen(self) -> None:
        """What is written from now on is not heard, nor is it known what has been missed already."""
        self._forget()
        self._epoch = None
        self._burials.forget()
        if self._shared is not None:
            self._subscription.want_epoch_raised()

    # What is loaded.

    async def _fly(self, key: Key, load: Load) -> Entry:
        flight = asyncio.current_task()
        try:
            epoch = self._readable_epoch()
            look_up = await self._shared.look_up(key, epoch) if self._shared is not None and epoch is not None else None
            if look_up is not None and look_up.entry is not None and epoch == self._readable_epoch() and self._is_fresh(key, look_up.entry):
                SHARED_HITS[key.kind].inc()
                if self._flights.get(key) is flight:
                    self._memory.put(key, look_up.entry, from_shared=True)
                return look_up.entry
            MISSES[key.kind].inc()
            began = time.monotonic()
            entry = await load()
            if self._flights.get(key) is flight and self._is_fresh(key, entry):
                self._memory.put(key, entry, from_shared=False)
                if look_up is not None and epoch is not None and time.monotonic() - began < _LONGEST_LOAD_SECONDS:
                    self._share(key, entry, epoch, look_up)
            return entry
        finally:
            if self._flights.get(key) is flight:
                del self._flights[key]

    def _is_fresh(self, key: Key, entry: Entry) -> bool:
        return self._floors.admit(key, entry) and (entry.valid_until is None or now() < entry.valid_until)

    def _share(self, key: Key, entry: Entry, epoch: int, look_up: LookUp) -> None:
        if self._shared is None or epoch != self._readable_epoch() or len(self._background) > _SHARING_AT_ONCE:
            return
        seconds = float(self._limits.shared_seconds[key.kind])
        if entry.valid_until is not None:
            seconds = min(seconds, (entry.valid_until - now()).total_seconds())
        self._begin(self._shared.put(key, epoch, entry, seconds, look_up.put_until))

    # The shared tier.

    def _trusted_epoch(self) -> int | None:
        """The epoch in use; None while the shared tier is unreachable or a new epoch is on its way, under which nothing is stored yet."""
        return self._epoch if self._outage.over.is_set() and not self._subscription.epoch_is_to_be_raised else None

    def _readable_epoch(self) -> int | None:
        """The epoch under which values may be read and stored: by who hears everything, and has done so for a while."""
        settled = time.monotonic() >= self._subscription.listens_since() + _SETTLING_SECONDS
        return self._trusted_epoch() if settled and self._subscription.holds_lease() else None

    async def _bury(self, key: Key, version: int) -> bool:
        epoch = self._trusted_epoch()
        return self._shared is not None and epoch is not None and await self._shared.bury(key, epoch, version)

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _take_note(flight: "asyncio.Task[Entry]") -> None:
    """The error of a load whose callers have all gone is nobody's, and no reason for the event loop to complain."""
    if not flight.cancelled():
        flight.exception()


def _count(reason: Reason, kinds: list[Kind]) -> None:
    for kind in kinds:
        count_invalidation(kind, reason)
