"""How values read on a page: times, names of things, and texts that are long."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

_LONGEST = 2_000


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


FILTERS: Mapping[str, Callable[..., Any]] = {"moment": moment, "spoken": spoken, "shortened": shortened}
