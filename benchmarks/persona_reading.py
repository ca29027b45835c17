"""Measures reading: a persona, and a persona with its submissions, against the bare statements on the same connection."""

import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from benchmarks.measuring import percentiles, ratio
from benchmarks.persona_data import World, text_number
from factbook.persona import backend_by_rules, submit_and_regenerate
from factbook.persona.computing.answers import persona_answer

_PERSONA = "SELECT persona::text, statements::text FROM personas WHERE tenant_id = $1 AND person_id = $2 ORDER BY version DESC LIMIT 1"
_TEXTS = """
    SELECT d.id, d.raw_text, d.source, d.created_at FROM person_data d
    WHERE d.tenant_id = $1 AND d.person_id = $2 ORDER BY d.created_at, d.id
"""


async def measure(world: World, rounds: int) -> dict[str, Any]:
    """Whole answers as bytes, for a person with a short history and one with a long one."""
    person_id = world.ids[-1]
    await submit_and_regenerate(backend_by_rules(world.database), world.actor, person_id, text_number(7), "bench")
    return {
        "short_history": await _compared(world, person_id, rounds),
        "long_history": await _compared(world, world.long, max(1, rounds // 10)),
    }


async def _compared(world: World, person_id: UUID, rounds: int) -> dict[str, Any]:
    tenant_id = world.actor.tenant_id

    async def bare_persona() -> None:
        await connection.fetchrow(_PERSONA, tenant_id, person_id)

    async def bare_history() -> None:
        await bare_persona()
        await connection.fetch(_TEXTS, tenant_id, person_id)

    async def persona() -> None:
        await persona_answer(world.database, tenant_id, person_id)

    async def with_history() -> None:
        await persona_answer(world.database, tenant_id, person_id, history=True)

    async with world.database.reading(tenant_id) as connection:
        taken = await _in_turns(rounds, persona=persona, bare_persona=bare_persona, with_history=with_history, bare_history=bare_history)
    return taken | {
        "persona_to_bare": ratio(taken["persona"]["p50_us"], taken["bare_persona"]["p50_us"]),
        "with_history_to_bare": ratio(taken["with_history"]["p50_us"], taken["bare_history"]["p50_us"]),
    }


async def _in_turns(rounds: int, **works: Callable[[], Awaitable[None]]) -> dict[str, Any]:
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            began = time.perf_counter()
            await work()
            seconds[name].append(time.perf_counter() - began)
    return {name: percentiles(taken) for name, taken in seconds.items()}
