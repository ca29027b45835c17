"""What a store of content promises, and where content lies in it. A path is made of the tenant and the checksum, never of names that people gave."""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

Provider = Literal["local", "s3"]

HEAD_BYTES = 4096  # enough for every signature that `media_type` knows, and for seeing that text is text
READ_BYTES = 256 * 1024  # how much is read and given out at once: large beside the price of going to a thread, small beside memory

_CHECKSUM = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Stored:
    """Content that is kept. `path` is relative to the store, `checksum` is SHA-256 in small hex, `head` the first `HEAD_BYTES` bytes."""

    provider: Provider
    path: str
    checksum: str
    size_bytes: int
    head: bytes


class ContentStore(Protocol):
    """Keeps bytes by their checksum, each tenant's apart from every other's. Each method may raise `ContentUnavailable`."""

    @property
    def provider(self) -> Provider:
        """The kind of store, as it is recorded beside a path."""

    async def put(self, tenant_id: UUID, chunks: AsyncIterator[bytes], max_bytes: int) -> Stored:
        """Keep what comes; the same content again is kept once, and mends what was damaged.

        Raises `ContentTooLarge` as soon as more than `max_bytes` came, and what `chunks` raises; nothing is left behind then.
        """

    def open(self, tenant_id: UUID, checksum: str, size_bytes: int) -> AsyncGenerator[bytes, None]:
        """The content in chunks, none for empty content. Close it (`contextlib.aclosing`) when it is not read to its end.

        Raises `ContentMissing` before the first chunk, and `ContentDamaged` before the last: whoever got everything got what was put.
        """

    async def remove(self, tenant_id: UUID, checksum: str) -> bool:
        """Remove the content for good; whether it was there. For erasure alone."""

    async def check(self) -> None:
        """Raise `ContentUnavailable` when nothing can be written or removed; what a crash left behind long ago is cleared away."""


def content_path(tenant_id: UUID, checksum: str) -> str:
    """The place of content: `<tenant>/<first two digits>/<checksum>`, so that no folder grows too long. `ValueError` for what is no checksum."""
    if not _CHECKSUM.fullmatch(checksum):
        raise ValueError("a checksum is 64 hexadecimal digits in small letters")
    return f"{tenant_id.hex}/{checksum[:2]}/{checksum}"
