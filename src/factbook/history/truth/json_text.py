"""Any JSON value as one exact text: keys sorted, no spaces, integers of any size kept, so that equal values have equal texts."""

import json
from math import isfinite
from typing import Any

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 100

_NUL = "\x00"


def json_text(value: Any) -> str:
    """The text of `value`. `ValueError` says what cannot be kept: NUL, lone surrogates, NaN, too deep (100) or too long (1 MiB)."""
    _refuse_what_cannot_be_kept(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    if len(text.encode()) > MAX_BYTES:
        raise ValueError(f"longer than {MAX_BYTES} bytes as JSON; keep large content in a content store and name it here")
    return text


def _refuse_what_cannot_be_kept(value: Any) -> None:
    """Walk the value level by level, so that nesting costs no recursion."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.keys())
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
            elif isinstance(item, str):
                _refuse_unstorable(item)
            elif isinstance(item, float) and not isfinite(item):
                raise ValueError("NaN and infinity are not JSON numbers")
        level = below


def _refuse_unstorable(text: str) -> None:
    if _NUL in text:
        raise ValueError("the NUL character cannot be stored")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("a lone surrogate is not a character") from None
