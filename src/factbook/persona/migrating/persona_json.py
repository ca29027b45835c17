"""Reads a persona's JSON so that nothing of it is lost: keys in their order, numbers in their own digits."""

import hashlib
import json
import re
from typing import Any, NoReturn

import orjson

from factbook.kernel.canonical import canonical_json
from factbook.persona.migrating.model import NotTaken

# NUL as orjson writes it, and the same with what tells it from a backslash of the text itself before the letters.
_NUL = b"\\u0000"
_NUL_INDEED = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
# Like RFC 8785 wherever there are no floats, no greater integers and no keys beyond ASCII; some hundred times faster.
_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER


class UnusablePersonaError(ValueError):
    """The persona cannot be taken, for this reason."""

    def __init__(self, reason: NotTaken) -> None:
        super().__init__(reason)
        self.reason = reason


def parsed(text: str | bytes) -> Any:
    """The JSON value of the text. Numbers stay as they are written. Raises UnusablePersonaError."""
    try:
        return json.loads(text, parse_float=_as_written, parse_int=_as_written, parse_constant=_no_constant, object_pairs_hook=_object)
    except UnusablePersonaError:
        raise
    except (ValueError, RecursionError):
        raise UnusablePersonaError(NotTaken.PERSONA_NOT_JSON) from None


def persona_text(value: Any) -> str:
    """The JSON text, without spaces, of a parsed persona, or of one within a JSON string. Raises UnusablePersonaError."""
    if isinstance(value, str):
        value = parsed(value)
    if not isinstance(value, dict):
        raise UnusablePersonaError(NotTaken.PERSONA_NOT_AN_OBJECT)
    try:
        written = orjson.dumps(value)
    except orjson.JSONEncodeError:  # half of a surrogate pair, or nested beyond what is written
        raise UnusablePersonaError(NotTaken.PERSONA_NOT_STORABLE) from None
    if _NUL in written and _NUL_INDEED.search(written):
        raise UnusablePersonaError(NotTaken.PERSONA_NOT_STORABLE)
    return written.decode()


def persona_sha256(text: str) -> bytes:
    """The hash by which a persona is known again, however it is written: of its canonical JSON, or of its text where it has no canonical form."""
    try:
        value = orjson.loads(text)
        return hashlib.sha256(orjson.dumps(value, option=_CANONICAL) if _is_plain(value) else canonical_json(value)).digest()
    except (ValueError, TypeError):
        return hashlib.sha256(text.encode()).digest()


def _is_plain(value: dict[str, Any]) -> bool:
    """Whether both serializers write the value alike. Level by level, so that nesting costs no recursion."""
    level: list[Any] = [value]
    while level:
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                if not "".join(item).isascii():
                    return False
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
            elif isinstance(item, float):
                return False
        level = below
    return True


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnusablePersonaError(NotTaken.PERSONA_NAMES_TWICE)
    return found


def _as_written(number: str) -> orjson.Fragment:
    return orjson.Fragment(number)


def _no_constant(_: str) -> NoReturn:
    """NaN and the infinities are not JSON, though Python reads them."""
    raise UnusablePersonaError(NotTaken.PERSONA_NOT_JSON)
