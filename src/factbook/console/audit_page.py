"""The audit trail, newest first, and whether its chain verifies."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from factbook.access import CurrentDatabase
from factbook.audit import newest_events, verify_chain
from factbook.console.pages import page
from factbook.console.viewers import Viewer
from factbook.kernel.paging import CursorText, cut_page, decode_cursor, encode_cursor

router = APIRouter(prefix="/audit", include_in_schema=False)
_ROWS = 50
_EVENTS = "console-audit"


@router.get("")
async def audit_page(request: Request, viewer: Viewer, database: CurrentDatabase, cursor: CursorText = None) -> Response:
    """A page of events, and the verdict on all of them."""
    before = None if cursor is None else decode_cursor(_EVENTS, cursor, (int,))[0]
    async with database.reading(viewer.tenant_id) as connection:
        found = await newest_events(connection, viewer.tenant_id, before, _ROWS + 1)
        verdict = await verify_chain(connection, viewer.tenant_id)
    shown, next_cursor = cut_page(found, _ROWS, lambda last: encode_cursor(_EVENTS, [last["sequence"]]))
    return page(request, "audit.html", viewer, events=shown, next_cursor=next_cursor, verdict=verdict)
