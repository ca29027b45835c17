"""What is cached and under which name, how much of it is kept, and how old it may be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args
from uuid import UUID

Kind: TypeAlias = Literal["profile", "field_defs", "scenario_reqs", "api_key"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# What opens doors stays in the processes that ask: nothing of it is shared.
PROCESS_ONLY: frozenset[Kind] = frozenset({"api_key"})

# Seconds. No process serves a value that an acknowledged write has replaced for longer than the bound; the lease, on which this rests, ends earlier.
BOUND_SECONDS = 0.25
LEASE_SECONDS = 0.2

# Versions travel as text of one width, so that text compares as numbers do; it holds every bigint.
VERSION_DIGITS = 19


@dataclass(frozen=True, slots=True)
class Key:
    """What an entry stands for: something of one tenant, of a kind of ours, by the text of its id."""

    tenant_id: UUID
    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as bytes. `version` grows with each change of what the key stands for, and is never negative.

    From `valid_until` on, an aware instant, the value must be loaded anew though nothing was written; None: it has no such end.
    """

    version: int
    body: bytes
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much this process keeps, in entries and bytes of their bodies, and for how many seconds the shared tier keeps each kind."""

    entries: int = 10_000
    bytes: int = 64 * 1024 * 1024
    shared_seconds: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({"profile": 1800, "field_defs": 3600, "scenario_reqs": 3600}))
