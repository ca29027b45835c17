"""Content on its way in: a private file that is written and hashed as the bytes come, and that is gone when its block ends.

A name by checksum is known only when the last byte was seen, so content gets its name whole or not at all.
"""

import asyncio
import hashlib
import os
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import BinaryIO
from uuid import UUID

from factbook.content.failures import ContentTooLarge
from factbook.content.folders import folder_explained, make_folder
from factbook.content.model import HEAD_BYTES, Provider, Stored, content_path

WRITE_BYTES = 256 * 1024  # gathered before going to a thread
LEFT_BEHIND_SECONDS = 24 * 60 * 60  # no upload lasts so long; a younger draft may be somebody's who writes beside us


@dataclass(frozen=True, slots=True)
class Draft:
    """Content that came whole: the file it lies in, and what was seen of it."""

    file: Path
    checksum: str
    size_bytes: int
    head: bytes

    def stored(self, tenant_id: UUID, provider: Provider) -> Stored:
        """The content as kept by a store of this kind."""
        return Stored(provider, content_path(tenant_id, self.checksum), self.checksum, self.size_bytes, self.head)


class _DraftFile:
    """The file of a draft. Its methods run in threads, which a cancelled caller does not stop: the lock lets each end before the next begins."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.digest = hashlib.sha256()
        self.size_bytes = 0
        self.head = b""
        self._lock = Lock()
        self._file: BinaryIO | None = None
        self._discarded = False

    def append(self, data: bytes) -> None:
        """Write and hash more of the content."""
        with self._lock, folder_explained(self.path.parent):
            if self._discarded:
                return
            if self._file is None:
                make_folder(self.path.parent)
                self._file = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")
            self._file.write(data)
            self.digest.update(data)
            self.size_bytes += len(data)
            self.head += data[: HEAD_BYTES - len(self.head)]

    def finish(self) -> None:
        """Bring everything to the disk."""
        with self._lock, folder_explained(self.path.parent):
            if self._file is not None:
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()

    def discard(self) -> None:
        """Close and remove the file, which may have been renamed meanwhile."""
        with self._lock, folder_explained(self.path.parent):
            self._discarded = True
            if self._file is not None:
                with suppress(OSError):  # what could not be written any more is not wanted any more
                    self._file.close()
            self.path.unlink(missing_ok=True)


@asynccontextmanager
async def drafted(folder: Path, chunks: AsyncIterator[bytes], max_bytes: int) -> AsyncIterator[Draft]:
    """All that comes, as a draft on the disk in this folder. `ContentTooLarge` beyond `max_bytes`; memory holds one chunk and `WRITE_BYTES`."""
    file = _DraftFile(folder / secrets.token_hex(16))
    try:
        received = 0
        gathered = bytearray()
        async for chunk in chunks:
            received += len(chunk)
            if received > max_bytes:
                raise ContentTooLarge(max_bytes)
            gathered += chunk
            if len(gathered) >= WRITE_BYTES:
                await asyncio.to_thread(file.append, bytes(gathered))
                gathered.clear()
        await asyncio.to_thread(file.append, bytes(gathered))  # also of no bytes at all: empty content is content
        await asyncio.to_thread(file.finish)
        yield Draft(file.path, file.digest.hexdigest(), file.size_bytes, file.head)
    finally:
        await asyncio.to_thread(file.discard)


async def check_drafts(folder: Path) -> None:
    """Raise `ContentUnavailable` when no draft can be written; the drafts that a crash left behind are removed."""
    async with drafted(folder, _nothing(), max_bytes=0):
        await asyncio.to_thread(_sweep, folder)


async def _nothing() -> AsyncGenerator[bytes, None]:
    chunks: tuple[bytes, ...] = ()
    for chunk in chunks:
        yield chunk


def _sweep(folder: Path) -> None:
    eldest = time.time() - LEFT_BEHIND_SECONDS
    with folder_explained(folder):
        for draft in folder.iterdir():
            with suppress(FileNotFoundError):  # finished or swept by somebody beside us
                if draft.stat().st_mtime < eldest:
                    draft.unlink()
