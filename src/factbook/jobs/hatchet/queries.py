"""The SQL that tells how the engine is: what workers saw of it, never a look of one's own."""

import json
from dataclasses import dataclass
from typing import Any

from factbook.database.pools import Connection
from factbook.jobs.hatchet.model import EngineState


@dataclass(frozen=True, slots=True)
class EngineSeen:
    """What workers saw of the engine in the last half minute, each state once, and how many jobs the engine has that nobody has begun."""

    seen: frozenset[EngineState]
    jobs: int


async def engine_seen(connection: Connection) -> EngineSeen:
    """The engine as workers saw it. For a connection outside tenants."""
    found: dict[str, Any] = json.loads(await connection.fetchval("SELECT engine_state()"))
    return EngineSeen(frozenset(EngineState(state) for state in found["seen"]), found["jobs"])
