"""Decides what may be submitted, when a submission counts as made, and what a change of a person is called."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from factbook.audit import ActorType, Event, EventName
from factbook.kernel.canonical import canonical_json
from factbook.kernel.problems import NOT_FOUND, FieldError, Problem, ProblemKind
from factbook.persona.model import Demographics

OWN_PERSONA = ProblemKind("own_persona", 422, "This is a persona of ours, not something that was heard of the person")
# A list of answers, each with a persona's answer in it, which holds the persona: that deep do we put one ourselves.
_DEEPEST = 5
_MOST_OBJECTS = 1000
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
    """The canonical bytes of what could be a persona in a text: JSON objects, alone or within others and lists, as deep as our answers hold them.

    However they are indented or their keys are ordered, and whatever stands around them. Empty for a text without an object that says anything.
    """
    found: list[bytes] = []
    level = _json_in(text)
    for _ in range(_DEEPEST):
        objects = [value for value in level if isinstance(value, dict) and value]  # one that is empty says nothing that could confirm itself
        for value in objects[: _MOST_OBJECTS - len(found)]:
            with suppress(ValueError):  # values that no persona holds
                found.append(canonical_json(value))
        lists = [value for value in level if isinstance(value, list)]
        level = [inner for value in objects for inner in value.values()] + [inner for value in lists for inner in value]
    return found


def _json_in(text: str) -> list[Any]:
    """The JSON between the first and the last bracket, else what JSON there is on lines of its own."""
    for opening, closing in ("{}", "[]"):
        start, end = text.find(opening), text.rfind(closing)
        if 0 <= start < end:
            with suppress(ValueError):
                return [orjson.loads(text[start : end + 1])]
    values: list[Any] = []
    for line in text.splitlines():
        if line.lstrip().startswith("{") and line.rstrip().endswith("}"):
            with suppress(ValueError):
                values.append(orjson.loads(line))
    return values


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
