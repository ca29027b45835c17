"""Assets of a customer: taken in as files, listed, read, handed out."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from starlette.responses import StreamingResponse

from factbook.access import CurrentDatabase, CurrentPrincipal
from factbook.idempotency import IDEMPOTENCY_KEY_REUSED, IdempotencyKey
from factbook.kernel.ids import id_in_path
from factbook.kernel.openapi import problem_answers
from factbook.kernel.paging import DEFAULT_LIMIT, CursorText, Limit
from factbook.kernel.problems import MEDIA_TYPE_UNSUPPORTED, NOT_FOUND, SCOPE_REQUIRED
from factbook.profile.assets import answers
from factbook.profile.assets.downloading import CONTENT_UNREADABLE, asset_content
from factbook.profile.assets.uploading import CONTENT_UNFIT, Intake, upload_asset
from factbook.profile.assets.wire import AssetForm, AssetPage, check_parts
from factbook.profile.http import CurrentBackend, CustomerInPath
from factbook.profile.lineage_rules import SOURCE_UNKNOWN
from factbook.profile.model import ItemStatus, ProfileAsset

router = APIRouter(tags=["profile"], prefix="/customers/{customer_id}/profile/assets")
_REFUSALS = problem_answers(SCOPE_REQUIRED, NOT_FOUND, MEDIA_TYPE_UNSUPPORTED, CONTENT_UNFIT, SOURCE_UNKNOWN, IDEMPOTENCY_KEY_REUSED)
_STANDING: dict[int | str, dict[str, Any]] = {200: {"description": "The asset was added before under this key.", "model": ProfileAsset}}
_BYTES: dict[int | str, dict[str, Any]] = {200: {"description": "The bytes.", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}


@router.post("", summary="Add an asset", status_code=201, responses=_STANDING | _REFUSALS)
async def post_asset(
    request: Request,
    principal: CurrentPrincipal,
    backend: CurrentBackend,
    customer_id: CustomerInPath,
    form: Annotated[AssetForm, Form(media_type="multipart/form-data")],
    response: Response,
    key: IdempotencyKey = None,
) -> ProfileAsset:
    """Keeps the file under its checksum and adds it to the profile; with `supersede_existing` in place of those of its name."""
    check_parts(await request.form())
    intake = Intake(request.app.state.content, request.app.state.asset_max_bytes)
    asset, is_new = await upload_asset(backend, intake, principal, customer_id, form, key)
    response.status_code = 201 if is_new else 200
    return asset


@router.get("", summary="A customer's assets", responses=problem_answers(NOT_FOUND))
async def list_assets(
    principal: CurrentPrincipal,
    database: CurrentDatabase,
    customer_id: CustomerInPath,
    status: Annotated[ItemStatus | None, Query(description="Those that stand so; all without it.")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> AssetPage:
    """Assets, the last added first."""
    return await answers.asset_page(database, principal.tenant_id, customer_id, status, limit, cursor)


@router.get("/{asset_id}", summary="One asset", responses=problem_answers(NOT_FOUND))
async def get_asset(principal: CurrentPrincipal, database: CurrentDatabase, customer_id: CustomerInPath, asset_id: str) -> ProfileAsset:
    """The asset, whatever its status; a deleted one is not there."""
    return await answers.customer_asset(database, principal.tenant_id, customer_id, id_in_path(asset_id, answers.no_such_asset()))


@router.get(
    "/{asset_id}/content",
    summary="An asset's bytes",
    response_class=StreamingResponse,
    responses=_BYTES | problem_answers(NOT_FOUND, CONTENT_UNREADABLE),
)
async def get_content(
    request: Request, principal: CurrentPrincipal, database: CurrentDatabase, customer_id: CustomerInPath, asset_id: str
) -> StreamingResponse:
    """The bytes as they were put, checked against their checksum on the way."""
    asset = await answers.customer_asset(database, principal.tenant_id, customer_id, id_in_path(asset_id, answers.no_such_asset()))
    return await asset_content(request.app.state.content, principal.tenant_id, asset)
