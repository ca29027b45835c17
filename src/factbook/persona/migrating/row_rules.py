"""Decides whether a row of the old table can be taken, and as what. Nothing is mended and nothing is filled in: it is taken as it is, or named."""

from datetime import UTC, datetime
from uuid import UUID

from factbook.kernel.clock import instant_within_calendar
from factbook.kernel.storable import storable
from factbook.persona.migrating.model import NotTaken, RawRow, Refusal, Row
from factbook.persona.migrating.persona_json import UnusablePersonaError, parsed, persona_sha256, persona_text
from factbook.persona.model import LONGEST_TEXT

_SHORTEST_TIME = len("2024-01-01T00:00")


class _RefusedError(Exception):
    def __init__(self, reason: NotTaken) -> None:
        super().__init__(reason)
        self.reason = reason


def row_of(raw: RawRow, now: datetime) -> Row | Refusal:
    """The row, or why it cannot be taken."""
    if raw.values is None:
        return Refusal(raw.place, None, raw.fault or NotTaken.NOT_AN_OBJECT)
    row_id: UUID | None = None
    try:
        row_id = _id(raw.values.get("id"))
        text = _text(raw.values.get("raw_text"))
        persona = _persona(raw.values.get("persona"))
        created_at = _time(raw.values.get("created_at"), NotTaken.NO_CREATED_AT, NotTaken.CREATED_AT_NOT_A_TIME, now)
        updated_at = _time(raw.values.get("updated_at"), NotTaken.NO_UPDATED_AT, NotTaken.UPDATED_AT_NOT_A_TIME, now)
    except (_RefusedError, UnusablePersonaError) as refused:
        return Refusal(raw.place, row_id, refused.reason)
    return Row(raw.place, row_id, text, persona, persona_sha256(persona), created_at, updated_at)


def _id(value: object) -> UUID:
    if value is None or value == "":
        raise _RefusedError(NotTaken.NO_ID)
    try:
        return UUID(str(value))
    except ValueError:
        raise _RefusedError(NotTaken.ID_NOT_A_UUID) from None


def _text(value: object) -> str:
    if value is None or value == "":
        raise _RefusedError(NotTaken.NO_TEXT)
    if not isinstance(value, str):
        raise _RefusedError(NotTaken.TEXT_NOT_A_TEXT)
    if not value.strip():
        raise _RefusedError(NotTaken.TEXT_BLANK)
    if len(value) > LONGEST_TEXT:
        raise _RefusedError(NotTaken.TEXT_TOO_LONG)
    try:
        return storable(value)
    except ValueError:
        raise _RefusedError(NotTaken.TEXT_NOT_STORABLE) from None


def _persona(value: object) -> str:
    """The persona's JSON text. Where a row gives all its values as texts, it is one; else it may be an object, or a text once more."""
    if value is None or value == "":
        raise _RefusedError(NotTaken.NO_PERSONA)
    return persona_text(parsed(value) if isinstance(value, str) else value)


def _time(value: object, missing: NotTaken, wrong: NotTaken, now: datetime) -> datetime:
    """The instant. One without a zone is in UTC, as the old service wrote them. A date alone is not a time."""
    if value is None or value == "":
        raise _RefusedError(missing)
    if not isinstance(value, str) or len(value.strip()) < _SHORTEST_TIME:
        raise _RefusedError(wrong)
    try:
        read = datetime.fromisoformat(value.strip())
        instant = instant_within_calendar(read if read.tzinfo else read.replace(tzinfo=UTC))
    except ValueError:
        raise _RefusedError(wrong) from None
    if instant > now:
        raise _RefusedError(NotTaken.TIME_IN_THE_FUTURE)
    return instant
