"""How the shared tier holds a value or a tombstone: a tag, the version as digits of one width, the end of validity, the body. Pure."""

import struct
from datetime import UTC, datetime, timedelta

from factbook.cache.model import VERSION_DIGITS, Entry

# Tag, version, milliseconds since the first instant of 1970 (the least number: no end).
_HEADER = struct.Struct(f"!2s{VERSION_DIGITS}sq")
_VALUE, _TOMBSTONE = b"v1", b"t1"
_NO_END = -(2**63)
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def version_digits(version: int) -> bytes:
    """The version as the shared tier compares it."""
    return b"%0*d" % (VERSION_DIGITS, version)


def packed(entry: Entry) -> bytes:
    """The entry as one text of bytes."""
    end = _NO_END if entry.valid_until is None else (entry.valid_until - _FIRST) // _MILLISECOND
    return _HEADER.pack(_VALUE, version_digits(entry.version), end) + entry.body


def tombstone(version: int) -> bytes:
    """What stands in place of a value that is older than `version`."""
    return _HEADER.pack(_TOMBSTONE, version_digits(version), _NO_END)


def unpacked(held: bytes) -> Entry | None:
    """The entry, or None for a tombstone and for bytes that are no entry."""
    if len(held) < _HEADER.size:
        return None
    tag, version, end = _HEADER.unpack_from(held)
    if tag != _VALUE or not version.isdigit():
        return None
    try:
        valid_until = None if end == _NO_END else _FIRST + end * _MILLISECOND
    except OverflowError:
        return None
    return Entry(int(version), held[_HEADER.size :], valid_until)
