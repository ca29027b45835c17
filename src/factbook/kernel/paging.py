"""Keyset paging: the cursor that says after which row a list goes on, and the limit of one page.

A cursor is opaque to callers: base64url, without padding, of the canonical JSON array `[kind, value, ...]`, where `kind` names the list and the
values are the sort key of the last row shown. It is not secret and not signed: whoever makes one up only chooses where their own list goes on.
"""

import base64
from collections.abc import Callable, Sequence
from types import UnionType
from typing import Annotated, Any, TypeVar
from uuid import UUID

import orjson
from pydantic import Field

from factbook.kernel.canonical import canonical_json
from factbook.kernel.ids import id_in_path
from factbook.kernel.problems import REQUEST_INVALID, FieldError, Problem

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

# Query parameters of a list.
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT, description="Entries on one page.")]
CursorText = Annotated[str | None, Field(max_length=2000, description="`next_cursor` of the page before.")]

SortKey = str | int | None
Row = TypeVar("Row")


def encode_cursor(kind: str, values: Sequence[SortKey]) -> str:
    """The cursor of the list `kind` after the row with this sort key.

    `ValueError` for what no stored key holds: a NUL character, a lone surrogate, an integer beyond +-(2**53 - 1).
    """
    if any(isinstance(value, str) and "\0" in value for value in values):
        raise ValueError("a sort key holds a NUL character")
    return base64.urlsafe_b64encode(canonical_json([kind, *values])).rstrip(b"=").decode("ascii")


def decode_cursor(kind: str, text: str, shape: Sequence[type | UnionType]) -> tuple[Any, ...]:
    """The sort key in a cursor that `encode_cursor` made for the list `kind`.

    `shape` gives the type of each value: `str`, `int`, or `str | None` and `int | None` for a key that may be null. A problem naming `cursor` for
    everything else: another list's cursor, another number or type of values, and any text that encoding these values would not give again.
    """
    values = _values(kind, text)
    if values is None or len(values) != len(shape) or not all(map(_fits, values, shape)):
        raise unusable_cursor()
    return tuple(values)


def encode_id_cursor(kind: str, last: UUID) -> str:
    """The cursor of a list that is ordered by id, after the row with this one."""
    return encode_cursor(kind, [str(last)])


def decode_id_cursor(kind: str, text: str | None) -> UUID | None:
    """The id in a cursor of `encode_id_cursor`, None without one. A problem naming `cursor` for anything else."""
    if text is None:
        return None
    (last,) = decode_cursor(kind, text, (str,))
    return id_in_path(last, unusable_cursor())


def cut_page(found: Sequence[Row], limit: int, cursor_after: Callable[[Row], str]) -> tuple[Sequence[Row], str | None]:
    """The rows of a page, and the cursor of the next one: `found` is one row longer than the page where there is more."""
    shown = found[:limit]
    return shown, cursor_after(shown[-1]) if len(found) > limit else None


def unusable_cursor() -> Problem:
    """The problem naming `cursor` for one that its list did not give out."""
    return REQUEST_INVALID.because("The cursor cannot be used here.", [FieldError("cursor", "not a cursor that this list gave out")])


def _values(kind: str, text: str) -> list[SortKey] | None:
    """The values in the cursor, types unchecked; None unless encoding them for this list gives the very same text."""
    try:
        tag, *values = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return values if tag == kind and encode_cursor(kind, values) == text else None
    except (ValueError, TypeError):  # no base64, no JSON, nothing to unpack, or values that no cursor holds
        return None


def _fits(value: object, expected: type | UnionType) -> bool:
    return isinstance(value, expected) and not isinstance(value, bool)
