"""Reads an answer's body piece by piece and never holds more of it than the limit, packed or unpacked."""

import zlib
from collections.abc import AsyncIterable

from factbook.persona.fetching.failures import FetchFailed, FetchFailure

MAX_BYTES = 1024 * 1024
_GZIP_WINDOW = 16 + zlib.MAX_WBITS  # the gzip form of zlib's `wbits`


async def read_body(pieces: AsyncIterable[bytes], content_encoding: str) -> bytes:
    """The body, unpacked. Raises FetchFailed for one larger than `MAX_BYTES` before or after, and for one that cannot be unpacked."""
    unpack = _unpacker(content_encoding)
    received, body = 0, bytearray()
    async for piece in pieces:
        received += len(piece)
        if received > MAX_BYTES:
            raise FetchFailed(FetchFailure.TOO_LARGE)
        body += unpack.unpack(piece, MAX_BYTES - len(body)) if unpack else piece
    if unpack and received and not unpack.ended:
        raise FetchFailed(FetchFailure.NOT_UNDERSTOOD)
    return bytes(body)


def _unpacker(content_encoding: str) -> "_Gzip | None":
    """What unpacks this encoding. Only gzip is asked for; a server that sends another one is not understood."""
    match content_encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return _Gzip()
        case _:
            raise FetchFailed(FetchFailure.NOT_UNDERSTOOD)


class _Gzip:
    """One gzip member, unpacked as it comes in."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_GZIP_WINDOW)

    @property
    def ended(self) -> bool:
        """Whether the member was read to its checksum."""
        return self._stream.eof

    def unpack(self, piece: bytes, room: int) -> bytes:
        """What the piece unpacks to. Unpacking stops one byte beyond the room, however much more there would be."""
        try:
            unpacked = self._stream.decompress(piece, room + 1)
        except zlib.error:
            raise FetchFailed(FetchFailure.NOT_UNDERSTOOD) from None
        if len(unpacked) > room:
            raise FetchFailed(FetchFailure.TOO_LARGE)
        if self._stream.unused_data:  # a second member, or rubbish
            raise FetchFailed(FetchFailure.NOT_UNDERSTOOD)
        return unpacked
