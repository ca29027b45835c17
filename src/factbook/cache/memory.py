"""The tier in this process: the entries used last, bounded by their number and the bytes of their bodies. Knows nothing of coherence."""

from collections import OrderedDict

from factbook.cache.metrics import ENTRIES
from factbook.cache.model import Entry, Key, Limits


class Memory:
    """Entries by key, the least recently used dropped first. An entry larger than all the room there is, is not kept."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._shared: set[Key] = set()  # keys of entries that came out of the shared tier
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Entry | None:
        """The entry, which is now the most recently used; None when there is none."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, key: Key, entry: Entry, *, from_shared: bool) -> None:
        """Keep the entry in place of an older one. One of a higher version stays."""
        held = self._entries.get(key)
        if held is not None and held.version > entry.version:
            return
        self.drop(key)
        if len(entry.body) > self._limits.bytes:
            return
        self._entries[key] = entry
        self._bytes += len(entry.body)
        ENTRIES.inc()
        if from_shared:
            self._shared.add(key)
        while len(self._entries) > self._limits.entries or self._bytes > self._limits.bytes:
            self.drop(next(iter(self._entries)))

    def drop(self, key: Key) -> bool:
        """Whether there was an entry to drop."""
        entry = self._entries.pop(key, None)
        if entry is None:
            return False
        self._bytes -= len(entry.body)
        self._shared.discard(key)
        ENTRIES.dec()
        return True

    def drop_below(self, key: Key, version: int) -> bool:
        """Whether there was an entry of a lower version to drop."""
        held = self._entries.get(key)
        return held is not None and held.version < version and self.drop(key)

    def drop_all(self, *, from_shared_only: bool = False) -> list[Key]:
        """Drop everything, or what came out of the shared tier, and tell the keys."""
        dropped = list(self._shared if from_shared_only else self._entries)
        for key in dropped:
            self.drop(key)
        return dropped
