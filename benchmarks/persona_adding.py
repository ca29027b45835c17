"""Measures adding a submission against the bare INSERT of its row, in turns."""

import time
from typing import Any

from benchmarks.measuring import percentiles, ratio
from benchmarks.persona_data import World, text_number
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.persona import submit
from factbook.persona.model import sha256_of

_BARE = """
    INSERT INTO person_data (tenant_id, person_id, id, raw_text, text_sha256, source, created_at) VALUES ($1, $2, $3, $4, $5, 'bench', $6)
"""


async def measure(world: World, rounds: int) -> dict[str, Any]:
    """A whole submission (lock, order, count, own personas refused) against a transaction with the one INSERT."""
    whole, bare = [], []
    tenant_id = world.actor.tenant_id
    for number in range(rounds):
        text, person_id = text_number(number), world.ids[number % len(world.ids)]
        began = time.perf_counter()
        await submit(world.database, world.actor, person_id, text, "bench", None)
        whole.append(time.perf_counter() - began)
        other = await world.new_person()
        began = time.perf_counter()
        async with world.database.transaction(tenant_id) as connection:
            await connection.execute(_BARE, tenant_id, other, new_id(), text, sha256_of(text), clock.now())
        bare.append(time.perf_counter() - began)
    added, inserted = percentiles(whole), percentiles(bare)
    return {"submission": added, "bare_insert": inserted, "submission_to_bare_insert": ratio(added["p50_us"], inserted["p50_us"])}
