"""What was read before, kept in this process and in Redis, and never served once a write that replaced it has been acknowledged for a bound."""

from factbook.cache.metrics import Reads, reads_so_far
from factbook.cache.model import BOUND_SECONDS, Entry, Key, Kind, Limits
from factbook.cache.store import notify, notify_all
from factbook.cache.tiers import Cache

__all__ = ["BOUND_SECONDS", "Cache", "Entry", "Key", "Kind", "Limits", "Reads", "notify", "notify_all", "reads_so_far"]
