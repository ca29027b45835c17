"""Rows as an old service may leave them behind: most of them good, some of them anything but."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from factbook.persona.migrating.model import NotTaken

_START = datetime(2024, 1, 1, tzinfo=UTC)
# Of each hundred rows so many are odd; the rest is good.
OF_A_HUNDRED = 100

# What is wrong with the rows of these places in each hundred.
FAULTS: dict[int, tuple[dict[str, Any], NotTaken]] = {
    11: ({"persona": "{'no': 'json'}"}, NotTaken.PERSONA_NOT_JSON),
    23: ({"raw_text": None}, NotTaken.NO_TEXT),
    37: ({"raw_text": "before\0after"}, NotTaken.TEXT_NOT_STORABLE),
    41: ({"raw_text": " \n "}, NotTaken.TEXT_BLANK),
    53: ({"created_at": "the day before yesterday"}, NotTaken.CREATED_AT_NOT_A_TIME),
    59: ({"persona": [1, 2]}, NotTaken.PERSONA_NOT_AN_OBJECT),
    67: ({"id": "no uuid"}, NotTaken.ID_NOT_A_UUID),
}
# The row of this place says something else of the one before it, the row of that one repeats the one before it.
DIFFERENT, REPEATED = 73, 83
# The rows of this place have the longest text that the old service took.
LONG, LONGEST_TEXT = 97, 50_000
GOOD_OF_A_HUNDRED = OF_A_HUNDRED - len(FAULTS) - 2


def old_row(number: int) -> dict[str, Any]:
    """The good row of this number."""
    at = _START + timedelta(seconds=number)
    text = f"I am person number {number} and I live in Lyon. " * (LONGEST_TEXT // 10 if number % OF_A_HUNDRED == LONG else 5)
    leaves = {name: f"{name} of person number {number}" for name in ("core_description", "self_perception", "tone", "style", "routines", "goals")}
    persona = {"meta": {"name": f"Person {number}", "age": number % 90, "location": "Lyon"}, "identity": leaves, "strengths": ["calm", "kind"] * 5}
    times = {"created_at": at.isoformat(), "updated_at": (at + timedelta(days=number % 30)).isoformat()}
    return {"id": str(UUID(int=2**80 + number)), "raw_text": text[:LONGEST_TEXT], "persona": persona, **times}


def old_rows(count: int) -> Iterator[dict[str, Any]]:
    """So many rows, a multiple of a hundred, odd ones among them."""
    for number in range(count):
        place = number % OF_A_HUNDRED
        if place == DIFFERENT:
            yield old_row(number - 1) | {"raw_text": "Something else."}
        elif place == REPEATED:
            yield old_row(number - 1)
        else:
            yield old_row(number) | FAULTS.get(place, ({}, None))[0]


def json_lines_of(count: int) -> Iterator[str]:
    """The rows as JSON Lines; every third persona is a text of JSON."""
    for number, row in enumerate(old_rows(count)):
        as_text = number % 3 == 0 and isinstance(row["persona"], dict)
        yield json.dumps(row | ({"persona": json.dumps(row["persona"])} if as_text else {})) + "\n"
