"""Behind the vault: all evidence and files in pages, one piece whole, and the bytes of a file."""

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from factbook.access import CurrentDatabase
from factbook.console.customer.evidence_cards import card_of, evidence_text, file_card_of
from factbook.console.pages import page
from factbook.console.viewers import Viewer
from factbook.history import Asked, GroupBy, Selection
from factbook.history.vault.answers import customer_vault, evidence_answer
from factbook.kernel.ids import id_in_path
from factbook.kernel.paging import CursorText
from factbook.profile import CustomerInPath, asset_content
from factbook.profile.assets.answers import asset_page, customer_asset, no_such_asset

router = APIRouter(prefix="/customers/{customer_id}", include_in_schema=False)
_ROWS = 50
_LONGEST_PREVIEW = 1_000  # characters


@router.get("/vault")
async def vault(
    request: Request,
    viewer: Viewer,
    database: CurrentDatabase,
    customer_id: CustomerInPath,
    group_by: GroupBy = GroupBy.TYPE,
    cursor: CursorText = None,
) -> Response:
    """A page of the customer's evidence in groups."""
    answer = orjson.loads(await customer_vault(database, viewer.tenant_id, str(customer_id), group_by, Asked(Selection(), None, _ROWS, cursor)))
    groups = [(group["key"], [card_of(entry, _LONGEST_PREVIEW) for entry in group["items"]]) for group in answer["groups"]]
    values = {"customer_id": customer_id, "groups": groups, "next_cursor": answer["next_cursor"], "group_by": group_by, "is_first": cursor is None}
    return page(request, "vault.html", viewer, groupings=list(GroupBy), **values)


@router.get("/files")
async def files(request: Request, viewer: Viewer, database: CurrentDatabase, customer_id: CustomerInPath, cursor: CursorText = None) -> Response:
    """A page of the customer's files, the last added first."""
    found = await asset_page(database, viewer.tenant_id, customer_id, None, _ROWS, cursor)
    cards = [file_card_of(asset) for asset in found.items]
    return page(request, "files.html", viewer, customer_id=customer_id, files=cards, next_cursor=found.next_cursor)


@router.get("/evidence/{evidence_id:path}")
async def evidence(request: Request, viewer: Viewer, database: CurrentDatabase, customer_id: CustomerInPath, evidence_id: str) -> Response:
    """One piece of evidence, whole."""
    piece = await evidence_answer(database, viewer.tenant_id, customer_id, evidence_id)
    text = evidence_text(piece["evidence_type"], piece["data"])
    return page(request, "evidence.html", viewer, customer_id=customer_id, piece=piece, text=text)


@router.get("/assets/{asset_id}/content")
async def content(request: Request, viewer: Viewer, database: CurrentDatabase, customer_id: CustomerInPath, asset_id: str) -> Response:
    """The bytes of a file as the API hands them out: to be kept, unless a browser can show them without running anything."""
    asset = await customer_asset(database, viewer.tenant_id, customer_id, id_in_path(asset_id, no_such_asset()))
    return await asset_content(request.app.state.content, viewer.tenant_id, asset)
