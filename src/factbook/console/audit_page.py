"""The audit trail, newest first, and, when it is asked for, whether its chain verifies."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
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
    """A page of events."""
    before = None if cursor is None else decode_cursor(_EVENTS, cursor, (int,))[0]
    async with database.reading(viewer.tenant_id) as connection:
        found = await newest_events(connection, viewer.tenant_id, before, _ROWS + 1)
    shown, next_cursor = cut_page(found, _ROWS, lambda last: encode_cursor(_EVENTS, [last["sequence"]]))
    return page(request, "audit.html", viewer, events=shown, next_cursor=next_cursor)


@router.get("/verification")
async def verification_page(
    request: Request, viewer: Viewer, database: CurrentDatabase, hx_request: Annotated[str | None, Header()] = None
) -> Response:
    """The verdict on all events, which walks the whole chain. Scripts that put it into a page get it alone."""
    async with database.reading(viewer.tenant_id) as connection:
        verdict = await verify_chain(connection, viewer.tenant_id)
    return page(request, "verdict.html" if hx_request == "true" else "verification.html", viewer, verdict=verdict)
