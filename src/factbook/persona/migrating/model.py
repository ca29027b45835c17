"""What is read of the old table, and what becomes of each of its rows."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from factbook.kernel.clock import format_instant

COLUMNS = ("id", "raw_text", "persona", "created_at", "updated_at")


class NotTaken(StrEnum):
    """Why a row was not taken, in the words of the report. None of them repeats anything of the row."""

    NOT_UTF8 = "not valid UTF-8"
    TOO_LONG = "longer than any row can be"
    NOT_CSV = "not well-formed CSV"
    OTHER_FIELDS = "another number of fields than the header has"
    NOT_AN_OBJECT = "not a JSON object"
    NAMES_TWICE = "one key is given twice"
    NO_ID = "no id"
    ID_NOT_A_UUID = "the id is not a UUID"
    NO_TEXT = "no raw_text"
    TEXT_NOT_A_TEXT = "raw_text is not a text"
    TEXT_BLANK = "raw_text is blank"
    TEXT_TOO_LONG = "raw_text is longer than 100000 characters"
    TEXT_NOT_STORABLE = "raw_text holds NUL or half of a surrogate pair"
    NO_PERSONA = "no persona"
    PERSONA_NOT_JSON = "persona is not valid JSON"
    PERSONA_NOT_AN_OBJECT = "persona is not a JSON object"
    PERSONA_NAMES_TWICE = "persona gives one key twice"
    PERSONA_NOT_STORABLE = "persona holds NUL or half of a surrogate pair, or is nested too deeply"
    NO_CREATED_AT = "no created_at"
    CREATED_AT_NOT_A_TIME = "created_at is not a date and time"
    NO_UPDATED_AT = "no updated_at"
    UPDATED_AT_NOT_A_TIME = "updated_at is not a date and time"
    TIME_IN_THE_FUTURE = "created_at or updated_at lies in the future"
    DIFFERS = "another row with this id was taken first"
    NOT_MIGRATED = "a person who did not come from here goes by this id"
    GONE = "taken before, and erased or merged since"
    CHANGED = "the person has changed here since"
    NEVER_TAKEN = "not taken from here"


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it was found. `place` says where; `values` are those of the five columns, or `fault` says why they could not be read."""

    place: str
    values: dict[str, object] | None
    fault: NotTaken | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be taken. `persona` is its JSON text without spaces, keys and numbers as they were."""

    place: str
    id: UUID
    raw_text: str
    persona: str
    persona_sha256: bytes
    created_at: datetime
    updated_at: datetime

    @property
    def fingerprint(self) -> bytes:
        """The hash of everything that is kept of the row."""
        text, persona = (hashlib.sha256(value.encode()).digest() for value in (self.raw_text, self.persona))
        return fingerprint(self.id, text, persona, self.created_at, self.updated_at)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is not taken. `id` is as the row gives it, as far as it can be shown: an id of no UUID may be anything, so it is not."""

    place: str
    id: UUID | None
    reason: NotTaken

    def __str__(self) -> str:
        return f"{self.place}{f', id {self.id}' if self.id else ''}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Totals:
    """How many persons, submissions and versions of personas a tenant has."""

    persons: int
    submissions: int
    personas: int

    def __str__(self) -> str:
        return f"persons {self.persons}, submissions {self.submissions}, personas {self.personas}"


@dataclass(slots=True)
class Report:
    """What became of the rows so far. The two digests are over the same rows, as they were read and as they are stored; order does not matter."""

    read: int = 0
    done: int = 0
    unchanged: int = 0
    refused: int = 0
    read_digest: int = 0
    stored_digest: int = 0
    before: Totals | None = None
    after: Totals | None = None
    reasons: dict[NotTaken, int] = field(default_factory=dict)


def fingerprint(row_id: UUID, text_sha256: bytes, persona_sha256: bytes, created_at: datetime, updated_at: datetime) -> bytes:
    """The hash of what is kept of a row: its id, the SHA-256 of its text and of its persona's JSON text, and its times."""
    times = f"{format_instant(created_at)} {format_instant(updated_at)}"
    return hashlib.sha256(row_id.bytes + text_sha256 + persona_sha256 + times.encode()).digest()
