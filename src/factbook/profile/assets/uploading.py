"""Takes an asset in: its bytes into the content store, checked for size and type, then its row into the profile."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from fastapi import UploadFile

from factbook.access import Principal
from factbook.content import ContentStore, ContentTooLarge, ContentUnavailable, Stored, type_agrees
from factbook.database.pools import Database
from factbook.idempotency import IdempotentRequest, request_sha256
from factbook.identity import customer_with_id
from factbook.kernel.problems import BODY_TOO_LARGE, UNAVAILABLE, FieldError, ProblemKind
from factbook.profile.assets.media_rules import check_media_type
from factbook.profile.assets.operations import put_asset
from factbook.profile.assets.wire import AssetForm
from factbook.profile.backend import Backend
from factbook.profile.http import require_profile_writer
from factbook.profile.model import ProfileAsset

CONTENT_UNFIT = ProblemKind("content_unfit", 422, "The file is not what it says it is")

_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Intake:
    """Where files are kept, and how large one may be."""

    content: ContentStore
    max_bytes: int


async def upload_asset(
    backend: Backend, intake: Intake, actor: Principal, customer_id: UUID, form: AssetForm, key: str | None
) -> tuple[ProfileAsset, bool]:
    """The asset, and whether this request added it: the file is kept, then it gets its row in the customer's profile.

    Raises `scope_required`, 404, `body_too_large`, `content_unfit` for bytes that are not of the declared type, `media_type_unsupported`, and as
    `put_asset`. Bytes whose row is refused stay in the content store under their checksum, where nothing names them.
    """
    require_profile_writer(actor)
    media_type = check_media_type(form.asset_type, form.file.content_type)
    await _check_customer(backend.database, actor.tenant_id, customer_id)
    stored = await _kept(intake, actor.tenant_id, form.file)
    if not type_agrees(media_type, stored.head):
        raise CONTENT_UNFIT.because("Nothing was stored.", [FieldError("file", "the bytes are not of the type that was declared")])
    asset = form.asset(stored, media_type)
    request = None if key is None else IdempotentRequest(key, _sha256_of(customer_id, form, asset))
    return await put_asset(backend, actor, customer_id, asset, request, supersede_existing=form.supersede_existing)


def _sha256_of(customer_id: UUID, form: AssetForm, asset: ProfileAsset) -> bytes:
    """What tells this request from another under its key: whose the asset is, everything said of it, and the checksum of its bytes."""
    said = form.model_dump(mode="json", exclude={"file"})
    return request_sha256("POST", f"assets of {customer_id}", {**said, "checksum": asset.checksum, "mime_type": asset.mime_type})


async def _check_customer(database: Database, tenant_id: UUID, customer_id: UUID) -> None:
    async with database.reading(tenant_id) as connection:
        await customer_with_id(connection, tenant_id, str(customer_id))


async def _kept(intake: Intake, tenant_id: UUID, file: UploadFile) -> Stored:
    try:
        return await intake.content.put(tenant_id, _chunks(file), intake.max_bytes)
    except ContentTooLarge:
        raise BODY_TOO_LARGE.because(f"An asset is {intake.max_bytes} bytes at most.", [FieldError("file", "too large")]) from None
    except ContentUnavailable:
        raise UNAVAILABLE.because("The content store cannot be used just now; nothing was stored.") from None


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK_BYTES):
        yield chunk
