"""The lowest version of a key that may still be taken in, remembered for a while after each change."""

import time
from collections.abc import Iterable

from factbook.cache.model import Entry, Key

# An older value can reach a process after the change by way of the shared tier alone, where a tombstone holds it off for longer than this.
FLOOR_SECONDS = 60.0


class Floors:
    """Versions by key. What is too old to matter is dropped on the way."""

    def __init__(self) -> None:
        self._floors: dict[Key, tuple[int, float]] = {}

    def raise_to(self, key: Key, version: int) -> None:
        """From now on, refuse what is below `version`."""
        now = time.monotonic()
        standing, _ = self._floors.pop(key, (version, now))
        self._floors[key] = (max(standing, version), now + FLOOR_SECONDS)  # the newest stands last
        for old in self._outlived(now):
            del self._floors[old]

    def admit(self, key: Key, entry: Entry) -> bool:
        """Whether the entry is as new as what is known of the key."""
        floor = self._floors.get(key)
        return floor is None or entry.version >= floor[0]

    def _outlived(self, now: float) -> Iterable[Key]:
        outlived = []
        for key, (_, end) in self._floors.items():
            if end > now:
                break
            outlived.append(key)
        return outlived
