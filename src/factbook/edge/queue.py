"""What an operator sees of the queue: one word for readiness, gauges for Prometheus. Counts and times over all tenants, and no tenant in them."""

import asyncpg
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from factbook.database.pools import Database
from factbook.jobs import MOST_COUNTED, QueueState, queue_state

# A worker looks at least every few seconds, so a job that has been due for longer waits for a free place, or for a worker that knows it.
LAG_SECONDS = 60


async def state_of_queue(database: Database, most: int = MOST_COUNTED) -> QueueState | None:
    """The queue as it is now, with so many jobs of each state counted; None when the database cannot tell."""
    try:
        async with database.outside_tenants() as connection:
            return await queue_state(connection, most)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None


def word_for(state: QueueState | None) -> str:
    """`ok`, or what is wrong in a few words."""
    if state is None:
        return "unknown"
    if not state.workers:
        return "no worker"
    return "ok" if state.oldest_waiting_seconds <= LAG_SECONDS else f"lag {round(state.oldest_waiting_seconds)} s"


def render_queue(state: QueueState | None) -> bytes:
    """The state in Prometheus' text format; nothing when it is not known. Whichever process answers says the same, so nothing is summed."""
    if state is None:
        return b""
    registry = CollectorRegistry()
    jobs = Gauge(
        "factbook_queue_jobs",
        f"Jobs that are not done, by job and state. Of each state {MOST_COUNTED} are counted at most.",
        ["job", "state"],
        registry=registry,
    )
    for (name, job_state), count in state.jobs.items():
        jobs.labels(name, job_state).set(count)
    gauges = (
        ("factbook_queue_jobs_counted_in_full", "1 when there are no more jobs than were counted, else 0.", state.counted_in_full),
        ("factbook_queue_oldest_waiting_seconds", "How long the oldest job that is due has waited.", state.oldest_waiting_seconds),
        ("factbook_queue_failed_jobs", f"Jobs that failed for good and were not retried, counted up to {MOST_COUNTED}.", state.failed),
        ("factbook_queue_workers", "Workers seen in the last half minute.", state.workers),
    )
    for name, what, value in gauges:
        Gauge(name, what, registry=registry).set(value)
    ticks = Gauge("factbook_schedule_last_tick_timestamp_seconds", "When a schedule was due last and queued.", ["job"], registry=registry)
    for schedule in state.schedules:
        if schedule.last_tick is not None:
            ticks.labels(schedule.name).set(schedule.last_tick.timestamp())
    return generate_latest(registry)
