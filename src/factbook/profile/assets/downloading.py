"""Hands an asset's bytes out: as they were put, as a file to keep unless a browser can show them safely, and never as something that runs."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from urllib.parse import quote
from uuid import UUID

import structlog
from starlette.responses import StreamingResponse

from factbook.content import SAFE_PREVIEWS, ContentDamaged, ContentMissing, ContentStore, ContentUnavailable
from factbook.kernel.problems import UNAVAILABLE, Problem, ProblemKind
from factbook.profile.model import ProfileAsset

CONTENT_UNREADABLE = ProblemKind("content_unreadable", 503, "The bytes of the asset cannot be read")

# Whatever a browser makes of the bytes, it gives them no rights: no scripts, no forms, no requests, an origin of their own.
_NO_RIGHTS = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"

log = structlog.get_logger()


async def asset_content(content: ContentStore, tenant_id: UUID, asset: ProfileAsset) -> StreamingResponse:
    """The bytes of the asset, streamed. Raises `content_unreadable` when they are gone; an answer that meets damage on the way is broken off."""
    chunks = _checked(content, tenant_id, asset)
    first = await anext(chunks, b"")
    return StreamingResponse(_with_first(first, chunks), media_type=asset.mime_type, headers=_headers(asset))


def _headers(asset: ProfileAsset) -> dict[str, str]:
    how = "inline" if asset.mime_type in SAFE_PREVIEWS else "attachment"
    return {
        "Content-Length": str(asset.size_bytes),
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(asset.name, safe='')}",
        "Content-Security-Policy": _NO_RIGHTS,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
        "ETag": f'"{asset.checksum}"',
    }


async def _checked(content: ContentStore, tenant_id: UUID, asset: ProfileAsset) -> AsyncIterator[bytes]:
    """The content, with what is wrong with it as a problem."""
    try:
        async with aclosing(content.open(tenant_id, asset.checksum, asset.size_bytes)) as chunks:
            async for chunk in chunks:
                yield chunk
    except ContentUnavailable:
        raise UNAVAILABLE.because("The content store cannot be used just now.") from None
    except (ContentMissing, ContentDamaged) as error:
        log.error("asset_content_unreadable", tenant_id=str(tenant_id), asset_id=str(asset.id), reason=type(error).__name__)
        raise _unreadable() from None


def _unreadable() -> Problem:
    return CONTENT_UNREADABLE.because("The content store does not have the bytes as they were put.")


async def _with_first(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first:
        yield first
    async for chunk in others:
        yield chunk
