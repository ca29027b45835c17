"""Content in a bucket that speaks S3. It is spooled to a local draft and uploaded from there under its final key.

The key is known only when the last byte was hashed, and an upload is seen whole or not at all. Uploading under a temporary key and copying
would leave a second object to clear away; this way, a source that breaks off or sends too much never reaches the bucket.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import obstore
from obstore.store import S3Store

from factbook.content.bucket_failures import bucket_explained, tells_of_no_bucket
from factbook.content.draft import check_drafts, drafted
from factbook.content.failures import ContentMissing
from factbook.content.model import READ_BYTES, Provider, Stored, content_path
from factbook.content.verified import verified

if TYPE_CHECKING:
    from obstore import GetResult  # obstore names it for type checkers only

PART_BYTES = 8 * 1024 * 1024  # S3 takes 10,000 parts at most: 80 GB
PARTS_AT_ONCE = 2  # in memory together, for each upload under way
PROBE = "check"  # no tenant is called so


class Bucket:
    """A `ContentStore` in a bucket. `drafts` is a local folder with room for what is under way."""

    provider: Provider = "s3"

    def __init__(self, store: S3Store, name: str, drafts: Path) -> None:
        self._store = store
        self._name = name
        self._drafts = drafts.absolute()

    async def put(self, tenant_id: UUID, chunks: AsyncIterator[bytes], max_bytes: int) -> Stored:
        """Keep what comes: written as a draft, then uploaded over whatever has the key, which may be damaged."""
        async with drafted(self._drafts, chunks, max_bytes) as draft:
            stored = draft.stored(tenant_id, self.provider)
            with bucket_explained(self._name):
                await obstore.put_async(self._store, stored.path, draft.file, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE)
        return stored

    async def open(self, tenant_id: UUID, checksum: str, size_bytes: int) -> AsyncGenerator[bytes, None]:
        """The content in chunks of at least `READ_BYTES`, but for the last. `ContentMissing` before the first, `ContentDamaged` before the last."""
        async with aclosing(verified(self._chunks(content_path(tenant_id, checksum), size_bytes), checksum, size_bytes)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _chunks(self, path: str, size_bytes: int) -> AsyncGenerator[bytes, None]:
        with bucket_explained(self._name):
            found = await self._found(path)
            if found is None:
                raise ContentMissing(f"No content is kept at {path}.")
            if found.meta["size"] != size_bytes:
                raise ContentMissing(f"What is kept at {path} does not have {size_bytes} bytes.")
            async for chunk in found.stream(min_chunk_size=READ_BYTES):
                yield bytes(chunk)

    async def _found(self, path: str) -> "GetResult | None":
        """The object, its bytes not yet read. A GET also where a HEAD would do: only its answer tells a missing object from a missing bucket."""
        try:
            return await obstore.get_async(self._store, path)
        except FileNotFoundError as error:
            if tells_of_no_bucket(error):
                raise
            return None

    async def remove(self, tenant_id: UUID, checksum: str) -> bool:
        """Delete the object; whether it was there. A bucket that keeps versions keeps them."""
        path = content_path(tenant_id, checksum)
        with bucket_explained(self._name):
            if await self._found(path) is None:  # S3 answers a deletion alike, whether or not there was something
                return False
            await obstore.delete_async(self._store, path)
            return True

    async def check(self) -> None:
        """Write and delete an empty object and an empty draft, and sweep the drafts that a crash left behind."""
        await check_drafts(self._drafts)
        with bucket_explained(self._name):
            await obstore.put_async(self._store, PROBE, b"")
            await obstore.delete_async(self._store, PROBE)
