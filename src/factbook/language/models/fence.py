"""Data for a model, fenced so that no text in it can end the fence, speak as an instruction or forge a turn of the conversation.

Threat: a customer writes instructions, the end of the fence, or the control tokens of a model's chat template, which some servers take for real.
So data travels as one line of JSON between two lines with a random word, and within its strings every character of markup is written as an escape:
a brace, bracket or line feed in the fence is always ours. Nothing is lost: reading the JSON gives the texts back as they were.
"""

import secrets
import unicodedata
from collections.abc import Mapping
from json import dumps

from pydantic import JsonValue

NONCE_BYTES = 9
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# Quotes and strokes of markup and of control tokens. Brackets of every script are escaped by their category.
_MARKUP = frozenset("<>|`~\u00a6\uff5c\uff1c\uff1e")
# Control, format, surrogate, private and unassigned characters; line and paragraph separators; opening and closing brackets.
_ESCAPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Ps", "Pe"})
# Variation selectors of the supplementary plane show nothing and can carry a text.
_LAST_OF_PLANE_0, _FIRST_OF_PLANE_14 = 0xFFFF, 0xE0000


def new_nonce() -> str:
    """A word that nobody who wrote the data can have known."""
    return secrets.token_hex(NONCE_BYTES)


def fenced_json(data: JsonValue) -> str:
    """The data as one line of JSON in which strings hold no markup."""
    match data:
        case str():
            return f'"{data.translate(_ESCAPES)}"'
        case list():
            return f"[{', '.join(map(fenced_json, data))}]"
        case dict():
            return f"{{{', '.join(f'{fenced_json(name)}: {fenced_json(value)}' for name, value in data.items())}}}"
        case _:
            return dumps(data, allow_nan=False)


class _Escapes(dict[int, str]):
    """What stands for each character in a string; filled as characters are met, so that in a long text each costs a look-up."""

    def __missing__(self, code: int) -> str:
        written = _written(chr(code))
        if code <= _LAST_OF_PLANE_0:  # so that no text can fill the table with a million rare characters
            self[code] = written
        return written


def _written(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    if character in "()":
        return character
    if character in _MARKUP or ord(character) >= _FIRST_OF_PLANE_14 or unicodedata.category(character) in _ESCAPED_CATEGORIES:
        return f"\\u{ord(character):04x}" if ord(character) <= _LAST_OF_PLANE_0 else dumps(character)[1:-1]
    return character


_ESCAPES: Mapping[int, str] = _Escapes()
