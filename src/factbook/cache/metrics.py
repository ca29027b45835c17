"""What the cache counts. Labels come from closed sets, and their children are made once: a hit costs an addition."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from prometheus_client import Counter, Gauge

from factbook.cache.model import KINDS

Tier: TypeAlias = Literal["process", "shared"]
# Why an entry of this process was dropped: a message, a write of its own, a distrusted epoch, a lost or unreadable channel.
Reason: TypeAlias = Literal["message", "own_write", "epoch", "channel"]
Operation: TypeAlias = Literal["get", "set", "invalidate", "health_check", "subscription"]

_HITS = Counter("factbook_profile_cache_hits_total", "Reads answered by a tier of the cache.", ["kind", "tier"])
_MISSES = Counter("factbook_profile_cache_misses_total", "Reads that had to load.", ["kind"])
_INVALIDATIONS = Counter(
    "factbook_profile_cache_invalidations_total", "Entries of a process that were dropped before their time.", ["kind", "reason"]
)
_ERRORS = Counter("factbook_cache_errors_total", "Failures of the cache's connections to Redis and PostgreSQL.", ["operation"])

ENTRIES = Gauge("factbook_cache_entries", "Entries that processes hold.", multiprocess_mode="livesum")
PROCESS_HITS: Mapping[str, Counter] = {kind: _HITS.labels(kind, "process") for kind in KINDS}
SHARED_HITS: Mapping[str, Counter] = {kind: _HITS.labels(kind, "shared") for kind in KINDS}
MISSES: Mapping[str, Counter] = {kind: _MISSES.labels(kind) for kind in KINDS}


def count_invalidation(kind: str, reason: Reason) -> None:
    """Count one dropped entry."""
    _INVALIDATIONS.labels(kind, reason).inc()


def count_error(operation: Operation) -> None:
    """Count one failure."""
    _ERRORS.labels(operation).inc()


@dataclass(frozen=True, slots=True)
class Reads:
    """How many reads of a kind this process answered since it started: out of its own memory, out of the shared tier, and by loading."""

    kind: str
    process: int
    shared: int
    loaded: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.process + self.shared + self.loaded

    @property
    def hit_rate(self) -> float | None:
        """The share that nothing was loaded for; None before the first read."""
        return (self.process + self.shared) / self.total if self.total else None


def reads_so_far() -> list[Reads]:
    """The reads of each kind, of this process alone."""
    return [Reads(kind, *(_value(counters[kind]) for counters in (PROCESS_HITS, SHARED_HITS, MISSES))) for kind in KINDS]


def _value(counter: Counter) -> int:
    return int(next(sample.value for metric in counter.collect() for sample in metric.samples if sample.name.endswith("_total")))
