"""The SQL of what hands jobs out, beside pgqueuer's own: which workers are there, when schedules were due, and what may go.

For the queue's role, which sees nothing of customers. Every table here is small, so none needs an index but its key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from pgqueuer.ports.driver import Driver

# What the ticking worker holds while it ticks: any number that nothing else locks in this database.
_TICKING = 7_201_955_847
_LOG_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Clockwork:
    """The database's clock, and the last tick of each schedule that ever ticked."""

    now: datetime
    last_ticks: dict[str, datetime]


async def note_worker(driver: Driver, worker_id: UUID, started_at: datetime) -> None:
    """Say that the worker is there; forget those that have been gone for an hour."""
    await driver.execute(
        """
        INSERT INTO factbook_queue.workers (id, started_at, seen_at) VALUES ($1, $2, now())
        ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at
        """,
        worker_id,
        started_at,
    )
    await driver.execute("DELETE FROM factbook_queue.workers WHERE seen_at < now() - interval '1 hour'")


async def forget_worker(driver: Driver, worker_id: UUID) -> None:
    """Say that the worker is gone."""
    await driver.execute("DELETE FROM factbook_queue.workers WHERE id = $1", worker_id)


async def may_tick(driver: Driver) -> bool:
    """Whether this worker, of all, is to tick now. It holds this until it says `has_ticked` or its connection ends."""
    rows = await driver.fetch("SELECT pg_try_advisory_lock($1) AS held", _TICKING)
    return bool(rows[0]["held"])


async def has_ticked(driver: Driver) -> None:
    """Let others tick."""
    await driver.execute("SELECT pg_advisory_unlock($1)", _TICKING)


async def clockwork(driver: Driver) -> Clockwork:
    """Clock and ticks in one look."""
    rows = await driver.fetch("SELECT now() AS now, name, last_tick FROM (SELECT) AS always LEFT JOIN factbook_queue.schedules ON true")
    ticks = {str(row["name"]): cast("datetime", row["last_tick"]) for row in rows if row["last_tick"] is not None}
    return Clockwork(cast("datetime", rows[0]["now"]), ticks)


async def note_tick(driver: Driver, name: str, cron: str, tick: datetime) -> None:
    """Say that everything that the tick calls for is queued."""
    await driver.execute(
        """
        INSERT INTO factbook_queue.schedules (name, cron, last_tick) VALUES ($1, $2, $3)
        ON CONFLICT (name) DO UPDATE SET cron = excluded.cron, last_tick = greatest(schedules.last_tick, excluded.last_tick)
        """,
        name,
        cron,
        tick,
    )


async def forget_schedules(driver: Driver, names: Sequence[str]) -> None:
    """Forget schedules that were switched off."""
    await driver.execute("DELETE FROM factbook_queue.schedules WHERE name = ANY($1)", list(names))


async def hand_out_lost_jobs(driver: Driver, overdue: timedelta) -> int:
    """Hand out anew what has been due for so long and is not being handed out, and how many jobs it was."""
    rows = await driver.fetch("SELECT factbook_queue.hand_out_lost_jobs($1) AS count", overdue)
    return int(cast("Any", rows[0]["count"]))


async def forget_log(driver: Driver, older_than: timedelta) -> None:
    """Remove old lines of pgqueuer's log, some at a time. By the index of their times."""
    await driver.execute(
        """
        DELETE FROM factbook_queue.pgqueuer_log WHERE id = ANY(ARRAY(
            SELECT id FROM factbook_queue.pgqueuer_log WHERE created < now() - $1::interval ORDER BY created LIMIT $2))
        """,
        older_than,
        _LOG_ROWS_AT_ONCE,
    )
