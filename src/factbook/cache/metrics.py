"""What the cache counts. Labels come from closed sets, and their children are made once: a hit costs an addition."""

from collections.abc import Mapping
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
