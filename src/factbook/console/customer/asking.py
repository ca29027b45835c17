"""What a viewer may ask of a customer's history: the filters of the form, where an empty one is none, and a day is a whole day in UTC."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Query

from factbook.history import EntryType, Selection, selection_asked
from factbook.kernel.clock import format_instant, parse_instant
from factbook.kernel.problems import REQUEST_INVALID, FieldError

_Text = Annotated[str, Query(max_length=500)]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AskedHistory:
    """A page of the history: of which entries, and after which cursor. `chosen` is the form as it was filled in, without what was left empty."""

    selection: Selection
    cursor: str | None
    chosen: Mapping[str, str]


def _asked_history(
    job_type: _Text = "",
    workflow: _Text = "",
    job_id: _Text = "",
    since: Annotated[str, Query(alias="from", max_length=50)] = "",
    until: Annotated[str, Query(alias="to", max_length=50)] = "",
    event_type: Annotated[str, Query(max_length=50)] = "",
    cursor: Annotated[str, Query(max_length=2_000)] = "",
) -> AskedHistory:
    """The selection in the query string. A problem naming the parameter at fault."""
    typed = {"job_type": job_type, "workflow": workflow, "job_id": job_id, "from": since, "to": until, "event_type": event_type}
    chosen = {name: text for name, text in typed.items() if text}
    selection = selection_asked(
        workflow=[workflow] if workflow else [],
        job_type=[job_type] if job_type else [],
        job_id=[job_id] if job_id else [],
        event_type=[_event_type(event_type)] if event_type else [],
        evidence_type=[],
        since=_instant("from", since) if since else None,
        until=_instant("to", until, days_later=1) if until else None,
    )
    return AskedHistory(selection, cursor or None, chosen)


AskedOfHistory = Annotated[AskedHistory, Depends(_asked_history)]


def is_day(text: str) -> bool:
    """Whether the text is a date without a time."""
    return _DAY.fullmatch(text) is not None


def _instant(name: str, text: str, days_later: int = 0) -> str:
    """The instant that the text names; for a day its beginning, so many days later."""
    if not is_day(text):
        return text
    try:
        return format_instant(parse_instant(f"{text}T00:00:00Z") + timedelta(days=days_later))
    except (ValueError, OverflowError):
        raise REQUEST_INVALID.because(f"`{name}` is not a day.", [FieldError(name, "not a day of the calendar")]) from None


def _event_type(text: str) -> EntryType:
    try:
        return EntryType(text)
    except ValueError:
        raise REQUEST_INVALID.because("There is no such event type.", [FieldError("event_type", f"one of {', '.join(EntryType)}")]) from None
