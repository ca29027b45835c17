"""Measures jobs: what queueing adds to a write, jobs per second, expiry by the clock, and what a worker costs those who read.

    python -m benchmarks.jobs [--quick]

Writes `benchmarks/jobs.json`; docs/benchmarks.md says how to read it. `--quick` makes everything small and prints the figures.
"""

import asyncio
import os
from dataclasses import dataclass
from typing import Any

from benchmarks import jobs_enqueueing, jobs_expiry, jobs_serving, jobs_throughput
from benchmarks.history import SECRET, scratch_server
from benchmarks.measuring import run
from factbook.edge import configure_logging
from factbook.profile.sealing.master_keys import MasterKeys


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything."""

    writes: int
    jobs: int
    turns: int
    due_fields: int
    profiles_while_serving: int
    seconds: float


FULL = Sizes(writes=2000, jobs=5000, turns=2, due_fields=100_000, profiles_while_serving=20_000, seconds=4)
QUICK = Sizes(writes=100, jobs=200, turns=1, due_fields=1000, profiles_while_serving=2000, seconds=0.5)


def measure(sizes: Sizes) -> dict[str, Any]:
    """Every measurement, one after another on one server."""
    configure_logging("warning")  # a line for each write would be this script's output
    masters = MasterKeys([os.urandom(32)])
    with scratch_server() as scratch:
        figures: dict[str, Any] = {"postgresql": scratch.server_version()}
        figures["enqueueing"] = asyncio.run(jobs_enqueueing.measure(scratch.database("enqueueing"), masters, sizes.writes))
        figures["throughput"] = jobs_throughput.measure(scratch.database("throughput"), sizes.jobs, sizes.turns)
        figures["expiry"] = asyncio.run(jobs_expiry.measure(scratch.database("expiry"), masters, sizes.due_fields))
        figures["serving"] = jobs_serving.measure(scratch.database("serving"), SECRET, sizes.profiles_while_serving, sizes.turns, sizes.seconds)
    return figures


if __name__ == "__main__":
    run("jobs", measure, FULL, QUICK)
