"""How values read on a page: times, names of things, and texts that are long."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from factbook.kernel import clock

_LONGEST = 2_000
_DAY = 86_400
_UNITS = (("year", 365 * _DAY), ("month", 30 * _DAY), ("day", _DAY), ("hour", 3_600), ("minute", 60))  # seconds; calendars aside


def moment(value: datetime | str | None) -> str:
    """A time as people read it, in UTC: `2026-03-01 14:05`. An empty text for none."""
    if value is None:
        return ""
    when = datetime.fromisoformat(value) if isinstance(value, str) else value
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def spoken(value: str) -> str:
    """A name of ours as words: `llm_extracted` is "llm extracted"."""
    return value.replace("_", " ")


def shortened(value: str, most: int = _LONGEST) -> str:
    """The text, cut where it is longer than `most` characters, with a mark that says so."""
    return value if len(value) <= most else f"{value[:most]} …"


def age(value: datetime) -> str:
    """How long ago a time is, in its largest whole unit: `5 days`, `1 year`. "just now" for less than a minute, and for what is yet to come."""
    seconds = (clock.now() - value).total_seconds()
    for unit, length in _UNITS:
        if (count := int(seconds // length)) >= 1:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def plain(value: Any) -> str:
    """A JSON value as text: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2 if isinstance(value, dict | list) else None)


FILTERS: Mapping[str, Callable[..., Any]] = {"moment": moment, "spoken": spoken, "shortened": shortened, "age": age, "plain": plain}
