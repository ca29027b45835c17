"""What an operator sees of the Hatchet engine: as workers put it on record. No HTTP process ever connects to it, so none waits for it."""

import asyncpg
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from factbook.database.pools import Database
from factbook.jobs import MOST_COUNTED
from factbook.jobs.hatchet import EngineSeen, EngineState, engine_seen

_FROM_WORST = (EngineState.REFUSES_TOKEN, EngineState.UNREACHABLE, EngineState.NOBODY_RUNS, EngineState.OK)


async def engine_as_seen(database: Database, most: int = MOST_COUNTED) -> EngineSeen | None:
    """The engine as workers saw it last, with so many of its jobs counted; None when the database cannot tell."""
    try:
        async with database.outside_tenants() as connection:
            return await engine_seen(connection, most)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None


def word_for_engine(engine: EngineSeen | None) -> str:
    """`ok`, or the worst that a worker saw in the last half minute."""
    if engine is None:
        return "unknown"
    return next((state for state in _FROM_WORST if state in engine.seen), "no worker")


def render_engine(engine: EngineSeen | None) -> bytes:
    """The same in Prometheus' text format; nothing when it is not known."""
    if engine is None:
        return b""
    registry = CollectorRegistry()
    seen = Gauge(
        "factbook_engine_seen", "1 for each state in which a worker saw the Hatchet engine in the last half minute.", ["state"], registry=registry
    )
    for state in EngineState:
        seen.labels(state).set(state in engine.seen)
    jobs = Gauge(
        "factbook_engine_jobs",
        f"Jobs that the Hatchet engine has and no run has begun, or is to begin again, counted up to {MOST_COUNTED}.",
        registry=registry,
    )
    jobs.set(engine.jobs)
    return generate_latest(registry)
