"""Measures identity: resolving among a million customers, linking with its history and audit chain, and explicit keys on records with known pairs.

    python -m benchmarks.identity [--quick]

Writes `benchmarks/identity.json`; docs/benchmarks.md says how to read it. `--quick` makes everything a hundredth of the size and prints the figures.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from benchmarks import identity_keys, identity_links, identity_resolution
from benchmarks.history import scratch_server
from benchmarks.measuring import run


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything."""

    customers: int
    rounds: int
    links: int
    tenants: int


FULL = Sizes(customers=1_000_000, rounds=3000, links=8000, tenants=200)
QUICK = Sizes(customers=10_000, rounds=100, links=160, tenants=4)


def measure(sizes: Sizes) -> dict[str, Any]:
    """Every measurement, one after another on one server."""
    with scratch_server() as scratch:
        figures: dict[str, Any] = {"postgresql": scratch.server_version()}
        figures["resolution"] = asyncio.run(identity_resolution.measure(scratch.database("resolution"), sizes.customers, sizes.rounds))
        figures["links"] = asyncio.run(identity_links.measure(scratch.database("links"), sizes.links, sizes.tenants))
    figures["explicit_keys"] = identity_keys.measure()
    return figures


if __name__ == "__main__":
    run("identity", measure, FULL, QUICK)
