"""Takes an asset in: its bytes into the content store, checked for size and type, then its row into the profile."""

from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import UploadFile

from factbook.access import Principal
from factbook.content import ContentStore, ContentTooLarge, ContentUnavailable, Stored, type_agrees
from factbook.database.pools import Database
from factbook.identity import customer_with_id
from factbook.kernel.problems import BODY_TOO_LARGE, UNAVAILABLE, FieldError, ProblemKind
from factbook.profile.assets.media_rules import check_media_type
from factbook.profile.assets.operations import put_asset
from factbook.profile.assets.wire import AssetForm
from factbook.profile.backend import Actor, Backend
from factbook.profile.http import require_profile_writer
from factbook.profile.model import ProfileAsset

CONTENT_UNFIT = ProblemKind("content_unfit", 422, "The file is not what it says it is")

_CHUNK_BYTES = 256 * 1024


async def upload_asset(backend: Backend, content: ContentStore, max_bytes: int, actor: Principal, customer_id: UUID, form: AssetForm) -> ProfileAsset:
    """Keep the file and add it to the customer's profile.

    Raises `scope_required`, 404, `body_too_large`, `content_unfit` for bytes that are not of the declared type, `media_type_unsupported`, and as
    `put_asset`. Bytes whose row is refused stay in the content store under their checksum, where nothing names them.
    """
    require_profile_writer(actor)
    media_type = check_media_type(form.asset_type, form.file.content_type)
    await _check_customer(backend.database, actor.tenant_id, customer_id)
    stored = await _kept(content, actor.tenant_id, form.file, max_bytes)
    if not type_agrees(media_type, stored.head):
        raise CONTENT_UNFIT.because("Nothing was stored.", [FieldError("file", "the bytes are not of the type that was declared")])
    asset = form.asset(stored, media_type)
    return await put_asset(backend, actor.tenant_id, Actor.of(actor), customer_id, asset, supersede_existing=form.supersede_existing)


async def _check_customer(database: Database, tenant_id: UUID, customer_id: UUID) -> None:
    async with database.reading(tenant_id) as connection:
        await customer_with_id(connection, tenant_id, str(customer_id))


async def _kept(content: ContentStore, tenant_id: UUID, file: UploadFile, max_bytes: int) -> Stored:
    try:
        return await content.put(tenant_id, _chunks(file), max_bytes)
    except ContentTooLarge:
        raise BODY_TOO_LARGE.because(f"An asset is {max_bytes} bytes at most.", [FieldError("file", "too large")]) from None
    except ContentUnavailable:
        raise UNAVAILABLE.because("The content store cannot be used just now; nothing was stored.") from None


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK_BYTES):
        yield chunk
