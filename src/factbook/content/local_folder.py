"""Content in a folder of this machine: one file (0600) for each content of a tenant, in folders (0700) for us alone."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from factbook.content.draft import check_drafts, drafted
from factbook.content.failures import ContentMissing
from factbook.content.folders import folder_explained, make_folder, sync_folder
from factbook.content.model import READ_BYTES, Provider, Stored, content_path
from factbook.content.verified import verified


class LocalFolder:
    """A `ContentStore` in a folder, which is made when it is first used."""

    provider: Provider = "local"

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._drafts = self._folder / "drafts"  # inside, since a rename is atomic on one file system only; no tenant is called so

    async def put(self, tenant_id: UUID, chunks: AsyncIterator[bytes], max_bytes: int) -> Stored:
        """Keep what comes: written as a draft, brought to the disk, then renamed over whatever has the name, which may be damaged."""
        async with drafted(self._drafts, chunks, max_bytes) as draft:
            stored = draft.stored(tenant_id, self.provider)
            await asyncio.to_thread(self._keep, draft.file, stored.path)
        return stored

    def _keep(self, draft: Path, path: str) -> None:
        with folder_explained(self._folder):
            target = self._folder / path
            make_folder(target.parent)
            draft.replace(target)
            for folder in (target.parent, target.parent.parent, self._folder):  # all of them, since somebody beside us may have made one just now
                sync_folder(folder)

    async def open(self, tenant_id: UUID, checksum: str, size_bytes: int) -> AsyncGenerator[bytes, None]:
        """The content in chunks of `READ_BYTES`. `ContentMissing` before the first, `ContentDamaged` before the last."""
        file = await asyncio.to_thread(self._opened, content_path(tenant_id, checksum), size_bytes)
        with file:
            async with aclosing(verified(self._chunks(file), checksum, size_bytes)) as chunks:
                async for chunk in chunks:
                    yield chunk

    def _opened(self, path: str, size_bytes: int) -> BinaryIO:
        with folder_explained(self._folder):
            try:
                file = (self._folder / path).open("rb")
            except FileNotFoundError:
                raise ContentMissing(f"No content is kept at {path}.") from None
            if os.fstat(file.fileno()).st_size != size_bytes:
                file.close()
                raise ContentMissing(f"What is kept at {path} does not have {size_bytes} bytes.")
            return file

    async def _chunks(self, file: BinaryIO) -> AsyncGenerator[bytes, None]:
        while chunk := await asyncio.to_thread(self._read, file):
            yield chunk

    def _read(self, file: BinaryIO) -> bytes:
        with folder_explained(self._folder):
            return file.read(READ_BYTES)

    async def remove(self, tenant_id: UUID, checksum: str) -> bool:
        """Remove the file, for good also after a loss of power; whether it was there."""
        return await asyncio.to_thread(self._remove, content_path(tenant_id, checksum))

    def _remove(self, path: str) -> bool:
        with folder_explained(self._folder):
            target = self._folder / path
            try:
                target.unlink()
            except FileNotFoundError:
                return False
            sync_folder(target.parent)
            return True

    async def check(self) -> None:
        """Write and remove an empty draft, and sweep the drafts that a crash left behind."""
        await check_drafts(self._drafts)
