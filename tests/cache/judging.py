"""Judges reads by the writes that had been acknowledged before them. Times are of one monotonic clock, versions grow."""

from bisect import bisect_right
from collections.abc import Iterable

# When, which key, which version: of a read by its start, of a write by its acknowledgement.
Moment = tuple[float, int, int]


class Acknowledged:
    """Which version of a key had been acknowledged by when."""

    def __init__(self, writes: Iterable[Moment]) -> None:
        self._times: dict[int, list[float]] = {}
        self._highest: dict[int, list[int]] = {}
        for when, key, version in sorted(writes):
            highest = self._highest.setdefault(key, [])
            self._times.setdefault(key, []).append(when)
            highest.append(max(version, highest[-1] if highest else 0))

    def by(self, when: float, key: int) -> int:
        """The highest version of those acknowledged at or before the instant."""
        place = bisect_right(self._times.get(key, []), when)
        return self._highest[key][place - 1] if place else 0


def too_old(reads: Iterable[Moment], acknowledged: Acknowledged, bound: float) -> list[tuple[Moment, int]]:
    """Each read that gave less than what had been acknowledged when the bound before its start ended, with that."""
    owed = (((began, key, version), acknowledged.by(began - bound, key)) for began, key, version in reads)
    return [(read, version) for read, version in owed if read[2] < version]
