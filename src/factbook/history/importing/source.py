"""The bytes of an import file: read in pieces, plain or gzip by the first bytes."""

import gzip
import zlib
from typing import BinaryIO, cast

_GZIP_MAGIC = b"\x1f\x8b"  # RFC 1952 section 2.3.1
_DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error)


class FileUnreadable(ValueError):
    """The file is not what it should be. The message is one sentence that says why and where, and repeats nothing out of the file."""


def content_of(file: BinaryIO) -> BinaryIO:
    """The file from its beginning, or what it unpacks to when it begins like gzip. The file must be able to seek."""
    file.seek(0)
    packed = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    file.seek(0)
    return cast("BinaryIO", gzip.GzipFile(fileobj=file, mode="rb")) if packed else file


def read_piece(content: BinaryIO, size: int) -> bytes:
    """At most `size` bytes, none at the end. Raises FileUnreadable where packed data breaks off or is damaged."""
    try:
        return content.read(size)
    except _DAMAGE:
        raise _damaged(content) from None


def read_line(content: BinaryIO, limit: int) -> bytes:
    """The next line with its line feed, or its first `limit` bytes; none at the end. Raises FileUnreadable as `read_piece` does."""
    try:
        return content.readline(limit)
    except _DAMAGE:
        raise _damaged(content) from None


def _damaged(content: BinaryIO) -> FileUnreadable:
    return FileUnreadable(f"The gzip data ends early or is damaged after {content.tell()} unpacked bytes.")
