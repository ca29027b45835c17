"""Canonical bytes: the one JSON text of a value (RFC 8785, JSON Canonicalization Scheme), and SHA-256 over bytes.

Every digest and hash of Factbook is taken over these bytes, so two runs, two machines and two languages agree on them.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
import rfc8785

# Both serializers write values of exactly these types alike. A float differs (orjson writes 1.0 for 1), and so does a subclass of any of them.
_ALIKE: frozenset[type] = frozenset({str, int, bool, type(None)})
# Strict integers stop where RFC 8785 does: at +-(2**53 - 1), the last integer that every reader of JSON keeps exact.
_FAST = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER | orjson.OPT_APPEND_NEWLINE


def canonical_json(value: Any) -> bytes:
    """The RFC 8785 form of a JSON value, UTF-8 without a line feed.

    `value` is made of dict, list, tuple, str, int, float, bool and None. `ValueError` for what JSON cannot carry everywhere: an integer beyond
    +-(2**53 - 1), NaN and the infinities, a key that is no string, a lone surrogate, any other type, and nesting beyond the interpreter's depth.
    """
    try:
        return rfc8785.dumps(value)
    except (ValueError, RecursionError) as error:
        raise ValueError(_reason(error)) from None


def canonical_line(record: Mapping[str, str | int | None]) -> bytes:
    """`canonical_json(record)` and a line feed, much faster for flat records of plain strings, integers, booleans and nulls.

    The fast path needs ASCII keys, whose order by bytes is their order by UTF-16 units. Any other record takes the general path, so the
    bytes and the errors never depend on which path was taken.
    """
    try:
        if _ALIKE.issuperset(map(type, record.values())) and "".join(record).isascii():
            return orjson.dumps(dict(record), option=_FAST)
    except TypeError:  # orjson's own error is one: a big integer, a lone surrogate, a key that is no plain string
        pass  # the general path has the sentence for it, or the bytes
    return canonical_json(dict(record)) + b"\n"


def sha256_hex(data: bytes) -> str:
    """The SHA-256 of the bytes as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def _reason(error: Exception) -> str:
    """What was wrong, in a sentence that does not repeat the value."""
    match error:
        case RecursionError():
            return "the value is nested too deeply"
        case rfc8785.IntegerDomainError():
            return "an integer lies beyond +-(2**53 - 1) and would not stay exact in JSON"
        case rfc8785.FloatDomainError():
            return "NaN and infinities have no form in JSON"
        case UnicodeEncodeError():  # a key, met while sorting
            return "a string holds a lone surrogate, which has no form in UTF-8"
        case _ if isinstance(error.__cause__, UnicodeEncodeError):
            return "a string holds a lone surrogate, which has no form in UTF-8"
        case _ if isinstance(error.__context__, AttributeError):
            return "a key of an object is not a string"
        case _:
            return "a value has a type that JSON does not know"
