"""The two tiers as one cache, and the rules of coherence: what may be served, kept, shared and waited for together.

The argument is in docs/explanation/cache.md. Everything between two awaits is one step of the event loop, and the argument rests on that.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog

from factbook.cache import payload, store
from factbook.cache.floors import Floors
from factbook.cache.memory import Memory
from factbook.cache.metrics import MISSES, PROCESS_HITS, SHARED_HITS, Reason, count_invalidation
from factbook.cache.model import PROCESS_ONLY, Entry, Key, Kind, Limits
from factbook.cache.sharing import Sharing
from factbook.cache.subscription import Subscription
from factbook.database.pools import Connection
from factbook.kernel.clock import now

Load = Callable[[], Awaitable[Entry]]

_OPENING_SECONDS = 1.0
_LONGEST_LOAD_SECONDS = 5.0  # of one whose result is still shared

log = structlog.get_logger()


class Cache:
    """The cache of one process. Open it once, close it at shutdown."""

    def __init__(self, listen_url: str, redis_url: str | None, limits: Limits) -> None:
        self._memory = Memory(limits)
        self._floors = Floors()
        self._flights: dict[Key, asyncio.Task[Entry]] = {}
        self._subscription = Subscription(listen_url, self._hear, self._deafen)
        self._sharing = Sharing(redis_url, self._subscription, limits)
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def open(cls, listen_url: str, redis_url: str | None, limits: Limits | None = None) -> "Cache":
        """Begin to listen, as the reader role. Neither the database nor Redis needs to be there now; without the one nothing is cached."""
        cache = cls(listen_url, redis_url, limits or Limits())
        cache._tasks = [asyncio.create_task(cache._subscription.run()), asyncio.create_task(cache._sharing.run())]
        try:
            async with asyncio.timeout(_OPENING_SECONDS):
                await cache._subscription.listening.wait()
        except TimeoutError:
            pass  # readiness tells
        return cache

    async def close(self) -> None:
        """Stop listening. Loads under way are given up."""
        tasks = [*self._tasks, *self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._memory.drop_all()

    def state(self) -> str:
        """`ok`, `off` when that means one tier of two by choice, or what is wrong: `not listening`, `redis unreachable`."""
        if not self._subscription.holds_lease():
            return "not listening"
        if self._sharing.is_off:
            return "off"
        return "ok" if self._sharing.is_reachable else "redis unreachable"

    async def get(self, key: Key, load: Load) -> Entry:
        """The entry, as new as every write that was acknowledged `BOUND_SECONDS` before this call, and every write of this process.

        `load` reads it from the primary database, on a connection of its own: others who ask for the key wait for this load, too, and may do so
        when the caller has long gone.
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

    async def announce_all(self, connection: Connection, changes: Sequence[tuple[Key, int]]) -> None:
        """Tell every cache of these keys' new versions, once the transaction commits. The last thing the writing transaction does."""
        for key, version in changes:
            if key.kind not in PROCESS_ONLY and not await self._sharing.announce(key, version):
                return await store.notify_all(connection, changes)
        return await store.notify_of_keys(connection, changes)

    def settle(self, key: Key, version: int) -> None:
        """The transaction has committed: from now on this process serves nothing older."""
        self._invalidate(key, version, "own_write")

    # What is heard.

    def _hear(self, text: str) -> None:
        match payload.read(text):
            case payload.Changed(key, version):
                self._invalidate(key, version, "message")
                if key.kind not in PROCESS_ONLY:
                    self._sharing.bury(key, version)
            case payload.EpochRaised(epoch):
                if self._sharing.epoch is None or epoch > self._sharing.epoch:
                    self._sharing.epoch = epoch
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
        self._sharing.distrust()

    # What is loaded.

    async def _fly(self, key: Key, load: Load) -> Entry:
        flight = asyncio.current_task()
        try:
            look_up = None if key.kind in PROCESS_ONLY else await self._sharing.look_up(key)
            if look_up is not None and look_up.entry is not None and self._is_fresh(key, look_up.entry):
                SHARED_HITS[key.kind].inc()
                if self._flights.get(key) is flight:
                    self._memory.put(key, look_up.entry, from_shared=True)
                return look_up.entry
            MISSES[key.kind].inc()
            began = time.monotonic()
            entry = await load()
            if self._flights.get(key) is flight and self._is_fresh(key, entry):
                self._memory.put(key, entry, from_shared=False)
                if look_up is not None and time.monotonic() - began < _LONGEST_LOAD_SECONDS:
                    self._sharing.put(key, entry, look_up)
            return entry
        finally:
            if self._flights.get(key) is flight:
                del self._flights[key]

    def _is_fresh(self, key: Key, entry: Entry) -> bool:
        return self._floors.admit(key, entry) and (entry.valid_until is None or now() < entry.valid_until)


def _take_note(flight: "asyncio.Task[Entry]") -> None:
    """The error of a load whose callers have all gone is nobody's, and no reason for the event loop to complain."""
    if not flight.cancelled():
        flight.exception()


def _count(reason: Reason, kinds: list[Kind]) -> None:
    for kind in kinds:
        count_invalidation(kind, reason)
