"""Measures computing a persona without the time of whoever reads: one more submission to a short and to a long history."""

import time
from typing import Any
from uuid import UUID

from benchmarks.measuring import percentiles, ratio
from benchmarks.persona_data import World, text_number
from factbook.language import Reply, RuleBook, Task
from factbook.language.model import AnswerType
from factbook.persona import Backend, submit_and_regenerate
from factbook.persona.reading import RULES, RULES_VERSION


class Timed:
    """Rules, and the time that they took."""

    extractor = "rules"

    def __init__(self) -> None:
        self.seconds = 0.0
        self.tasks = 0
        self._rules = RuleBook(RULES, RULES_VERSION)

    async def execute(self, task: Task[AnswerType]) -> Reply[AnswerType]:
        """Do the task by rules, and count."""
        began = time.perf_counter()
        try:
            return await self._rules.execute(task)
        finally:
            self.seconds += time.perf_counter() - began
            self.tasks += 1


async def measure(world: World, rounds: int) -> dict[str, Any]:
    """What is left of `data-and-regenerate` when tasks of language take no time; and what rules take."""
    short = await _one_more(world, [await _with_notes(world, world.ids[number]) for number in range(min(rounds, len(world.ids)))])
    long = await _one_more(world, [world.long] * rounds)
    return {
        f"after_{world.submissions + 1}": short,
        f"after_{world.long_history}": long,
        "long_to_short": ratio(long["without_language"]["p50_us"], short["without_language"]["p50_us"]),
    }


async def _with_notes(world: World, person_id: UUID) -> UUID:
    """The person once every submission has its notes."""
    await submit_and_regenerate(_backend(world, Timed()), world.actor, person_id, text_number(0), "bench")
    return person_id


async def _one_more(world: World, persons: list[UUID]) -> dict[str, Any]:
    rest, rules, tasks = [], [], set()
    for number, person_id in enumerate(persons):
        timed = Timed()
        began = time.perf_counter()
        await submit_and_regenerate(_backend(world, timed), world.actor, person_id, text_number(1_000_000 + number), "bench")
        rest.append(time.perf_counter() - began - timed.seconds)
        rules.append(timed.seconds)
        tasks.add(timed.tasks)
    return {"without_language": percentiles(rest), "rules": percentiles(rules), "tasks": sorted(tasks)}


def _backend(world: World, executor: Timed) -> Backend:
    return Backend(world.database, executor, lambda _task: RULES_VERSION)
