"""The tier in this process: the entries used last, bounded by their number and the bytes of their bodies. Knows nothing of coherence."""

from collections import OrderedDict
from typing import TypeAlias

from factbook.cache.metrics import ENTRIES
from factbook.cache.model import Entry, Key, Kind, Limits

# What stands for a key inside: a tuple of plain values is hashed and compared by the interpreter itself, in a fraction of the time.
_Place: TypeAlias = tuple[int, Kind, str]


class Memory:
    """Entries by key, the least recently used dropped first. An entry larger than all the room there is, is not kept."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._entries: OrderedDict[_Place, Entry] = OrderedDict()
        self._shared: set[_Place] = set()  # places of entries that came out of the shared tier
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Entry | None:
        """The entry, which is now the most recently used; None when there is none."""
        place = (key.tenant_id.int, key.kind, key.name)
        entry = self._entries.get(place)
        if entry is not None:
            self._entries.move_to_end(place)
        return entry

    def put(self, key: Key, entry: Entry, *, from_shared: bool) -> None:
        """Keep the entry in place of an older one. One of a higher version stays."""
        place = _place(key)
        held = self._entries.get(place)
        if held is not None and held.version > entry.version:
            return
        self._drop(place)
        if len(entry.body) > self._limits.bytes:
            return
        self._entries[place] = entry
        self._bytes += len(entry.body)
        ENTRIES.inc()
        if from_shared:
            self._shared.add(place)
        while len(self._entries) > self._limits.entries or self._bytes > self._limits.bytes:
            self._drop(next(iter(self._entries)))

    def drop_below(self, key: Key, version: int) -> bool:
        """Whether there was an entry of a lower version to drop."""
        place = _place(key)
        held = self._entries.get(place)
        if held is None or held.version >= version:
            return False
        self._drop(place)
        return True

    def drop_all(self, *, from_shared_only: bool = False) -> list[Kind]:
        """Drop everything, or what came out of the shared tier, and tell the kind of each entry."""
        places = list(self._shared if from_shared_only else self._entries)
        for place in places:
            self._drop(place)
        return [kind for _, kind, _ in places]

    def _drop(self, place: _Place) -> None:
        entry = self._entries.pop(place, None)
        if entry is not None:
            self._bytes -= len(entry.body)
            self._shared.discard(place)
            ENTRIES.dec()


def _place(key: Key) -> _Place:
    return key.tenant_id.int, key.kind, key.name
