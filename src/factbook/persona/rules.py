"""Decides what may be submitted, when a submission counts as made, and what a change of a person is called."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from factbook.audit import ActorType, Event, EventName
from factbook.kernel.canonical import canonical_json
from factbook.kernel.problems import NOT_FOUND, FieldError, Problem, ProblemKind
from factbook.persona.model import Demographics

OWN_PERSONA = ProblemKind("own_persona", 422, "This is a persona of ours, not something that was heard of the person")
_A_MOMENT = timedelta(milliseconds=1)


def no_such_person() -> Problem:
    """The one answer for an unknown and a foreign person's id."""
    return NOT_FOUND.because("No such person.")


def own_persona(field: str) -> Problem:
    """The problem of a persona that is submitted as if it were news of the person: it would confirm itself."""
    return OWN_PERSONA.because("Nothing was stored.", [FieldError(field, "the JSON of a persona that was computed here")])


def time_of_submission(now: datetime, last: datetime | None) -> datetime:
    """When a submission counts as made that comes in `now`: after every other of the person, whichever process's clock took their time."""
    return now if last is None else max(now, last + _A_MOMENT)


def canonical_objects_in(text: str) -> list[bytes]:
    """The canonical bytes of what could be a persona in a text: the JSON object between the first and the last brace, and its `persona`.

    However the object is indented or its keys are ordered, and whatever stands around it. Empty for a text without an object.
    """
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        return []
    try:
        found = orjson.loads(text[start : end + 1])
        return [canonical_json(value) for value in (found, found.get("persona")) if isinstance(value, dict)]
    except ValueError:  # no JSON, or values that no persona holds
        return []


def demographics_changed(before: Demographics, changes: Mapping[str, str | None]) -> list[str]:
    """The names of what really changes, sorted."""
    return sorted(name for name, value in changes.items() if getattr(before, name) != value)


def person_event(
    event_id: UUID,
    name: EventName,
    person_id: UUID,
    actor_id: UUID,
    actor_type: ActorType,
    at: datetime,
    *,
    customers: tuple[UUID | None, UUID | None] = (None, None),
    reason: str | None = None,
    context: dict[str, Any] | None = None,
) -> Event:
    """The audit event of a change: which person, by id, and what kind of change. No value of the person is in it."""
    return Event(
        id=event_id,
        name=name,
        conversation_id=None,
        actor_type=actor_type,
        actor_id=actor_id,
        timestamp=at,
        previous_customer_id=customers[0],
        new_customer_id=customers[1],
        reason=reason,
        context={"person_id": str(person_id), **(context or {})},
    )
