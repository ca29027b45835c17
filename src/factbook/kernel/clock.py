"""Time as Factbook stores it: UTC instants of whole milliseconds, written as ISO 8601 with `Z` and three decimals.

Microseconds are cut, never rounded, before anything is stored or compared, so an instant reads the same after a round trip.
"""

from datetime import UTC, datetime

_FIRST = datetime.min.replace(tzinfo=UTC)


def now() -> datetime:
    """The current instant in UTC, cut to the millisecond."""
    return cut_to_millisecond(datetime.now(UTC))


def cut_to_millisecond(instant: datetime) -> datetime:
    """The same instant in UTC without its microseconds. `instant` must be aware; `OverflowError` at the edges of the calendar.

    The very first instant of the calendar counts as outside, because the database driver takes it for minus infinity.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    utc = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    beyond = utc.microsecond % 1000
    cut = utc.replace(microsecond=utc.microsecond - beyond) if beyond else utc
    if cut == _FIRST:
        raise OverflowError("the first instant of the calendar")
    return cut


def parse_instant(text: str) -> datetime:
    """The instant that an ISO 8601 text with a zone names. `ValueError` says in plain words what is wrong with it."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("not an ISO 8601 date and time") from None
    if parsed.tzinfo is None:
        raise ValueError("a time zone is missing, for example a trailing Z")
    return instant_within_calendar(parsed)


def instant_read(value: object) -> datetime:
    """The instant that a text of a request names, or that is one already. `ValueError` says in plain words what is wrong with it."""
    if isinstance(value, str):
        return parse_instant(value)
    if isinstance(value, datetime):
        return instant_within_calendar(value)
    raise ValueError("a time is an ISO 8601 text with a zone")


def instant_within_calendar(instant: datetime) -> datetime:
    """`cut_to_millisecond`, with a `ValueError` in plain words where the instant cannot be kept."""
    try:
        return cut_to_millisecond(instant)
    except OverflowError:
        raise ValueError("outside the years 1 to 9999 in UTC") from None


def format_instant(instant: datetime) -> str:
    """`2026-01-01T00:00:00.000Z`: what every answer and every canonical line shows."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    utc = instant.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z".rjust(24, "0")
