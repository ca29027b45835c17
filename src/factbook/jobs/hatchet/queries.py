"""The SQL that tells how the engine is: what workers saw of it, never a look of one's own."""

import json
from dataclasses import dataclass
from typing import Any

from factbook.database.pools import Connection
from factbook.jobs.hatchet.model import EngineState
from factbook.jobs.queries import MOST_COUNTED


@dataclass(frozen=True, slots=True)
class EngineSeen:
    """What workers saw of the engine in the last half minute, each state once, and how many jobs it has that nobody has begun, up to a bound."""

    seen: frozenset[EngineState]
    jobs: int


async def engine_seen(connection: Connection, most: int = MOST_COUNTED) -> EngineSeen:
    """The engine as workers saw it, with at most so many jobs counted. For a connection outside tenants. By index `queued_jobs_open`."""
    found: dict[str, Any] = json.loads(await connection.fetchval("SELECT engine_state($1)", most))
    return EngineSeen(frozenset(EngineState(state) for state in found["seen"]), found["jobs"])
