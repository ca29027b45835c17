"""When a schedule was due last. Schedules are cron expressions in UTC: five fields, or six with seconds as the last."""

from datetime import datetime, timedelta

from croniter import croniter


def last_tick(cron: str, now: datetime) -> datetime:
    """The last instant, at or before `now`, at which the schedule is due. `ValueError` for an expression that is none, or never due."""
    # The library looks for instants before the one it is given.
    before: datetime = croniter(cron, now.replace(microsecond=0) + timedelta(seconds=1)).get_prev(datetime)
    return before
