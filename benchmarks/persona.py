"""Measures persons and personas: adding a submission, computing without a model's time, and reading with history, against bare statements.

    python -m benchmarks.persona [--quick]

Writes `benchmarks/persona.json`; docs/benchmarks.md says how to read it. `--quick` makes everything a hundredth of the size and prints the figures.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from benchmarks import persona_adding, persona_computing, persona_reading
from benchmarks.history import scratch_server
from benchmarks.measuring import run
from benchmarks.persona_data import LENGTH, World


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything."""

    persons: int
    submissions: int
    long_history: int
    rounds: int


FULL = Sizes(persons=20_000, submissions=5, long_history=1000, rounds=1000)
QUICK = Sizes(persons=200, submissions=2, long_history=50, rounds=20)


def measure(sizes: Sizes) -> dict[str, Any]:
    """Every measurement, one after another on one server."""
    with scratch_server() as scratch:
        figures: dict[str, Any] = {"postgresql": scratch.server_version()}
        figures |= asyncio.run(measured(World(scratch.database("persona"), sizes.persons, sizes.submissions, sizes.long_history), sizes.rounds))
    return figures


async def measured(world: World, rounds: int) -> dict[str, Any]:
    """The figures of all parts."""
    async with world:
        return {
            "persons": world.persons,
            "submissions": world.persons * world.submissions,
            "long_history": world.long_history,
            "characters_of_a_text": LENGTH,
            "adding": await persona_adding.measure(world, rounds),
            "computing": await persona_computing.measure(world, max(1, rounds // 20)),
            "reading": await persona_reading.measure(world, rounds),
        }


if __name__ == "__main__":
    run("persona", measure, FULL, QUICK)
