"""Content on its way out: hashed as it passes, its last chunk held back until the whole is known to be what was put."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing

from factbook.content.failures import ContentDamaged


async def verified(chunks: AsyncGenerator[bytes, None], checksum: str, size_bytes: int) -> AsyncGenerator[bytes, None]:
    """The chunks, each given out when the next has come. `ContentDamaged` instead of the last when size or SHA-256 differ."""
    digest = hashlib.sha256()
    seen = 0
    held_back = b""
    async with aclosing(chunks):
        async for chunk in chunks:
            seen += len(chunk)
            if seen > size_bytes:
                break
            await asyncio.to_thread(digest.update, chunk)
            if held_back:
                yield held_back
            held_back = chunk
    if seen != size_bytes or digest.hexdigest() != checksum:
        raise ContentDamaged(f"The content {checksum} is damaged.")
    if held_back:
        yield held_back
