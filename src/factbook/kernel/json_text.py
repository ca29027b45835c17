"""Any JSON value as one exact text: keys sorted, no spaces, integers of any size kept, so that equal values have equal texts."""

import json
from math import isfinite
from typing import Any

from factbook.kernel.storable import storable

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 100


def json_text(value: Any) -> str:
    """The text of `value`. `ValueError` says what cannot be kept: NUL, lone surrogates, NaN, too deep (100) or too long (1 MiB)."""
    _refuse_what_cannot_be_kept(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    if len(text.encode()) > MAX_BYTES:
        raise ValueError(f"longer than {MAX_BYTES} bytes as JSON; keep large content in a content store and name it here")
    return text


def json_object_text(value: Any) -> str:
    """The text of an object. `ValueError` for anything else, and as `json_text`."""
    if not isinstance(value, dict):
        raise ValueError("an object is needed")
    return json_text(value)


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
                storable(item)
            elif isinstance(item, float) and not isfinite(item):
                raise ValueError("NaN and infinity are not JSON numbers")
        level = below
