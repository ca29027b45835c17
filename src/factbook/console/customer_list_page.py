"""Customers: all of them, newest first, or those whom an identifier or a name that was typed may mean."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from factbook.access import CurrentDatabase, Principal
from factbook.console.pages import page
from factbook.console.viewers import Viewer
from factbook.database.pools import Database
from factbook.identity import Customer
from factbook.identity.looking_up_queries import customers_typed
from factbook.identity.queries import customer_page
from factbook.kernel.paging import CursorText
from factbook.persona.named_queries import customers_of_persons_named
from factbook.profile.named_queries import customers_named

router = APIRouter(prefix="/customers", include_in_schema=False)
_ROWS = 50


@router.get("")
async def list_page(
    request: Request, viewer: Viewer, database: CurrentDatabase, q: Annotated[str, Query(max_length=500)] = "", cursor: CursorText = None
) -> Response:
    """A page of customers, or those who were looked for."""
    if wanted := q.strip():
        return page(request, "customers.html", viewer, wanted=wanted, customers=await _found(database, viewer, wanted), next_cursor=None)
    found = await customer_page(database, viewer.tenant_id, None, None, _ROWS, cursor)
    return page(request, "customers.html", viewer, wanted="", customers=found.items, next_cursor=found.next_cursor)


async def _found(database: Database, viewer: Principal, wanted: str) -> list[Customer]:
    """The customers whom the text stands for on any channel, then those whose name begins with it. A text with NUL is nobody's."""
    if "\x00" in wanted:
        return []
    async with database.reading(viewer.tenant_id) as connection:
        named = await customers_named(connection, viewer.tenant_id, wanted, _ROWS)
        named += await customers_of_persons_named(connection, viewer.tenant_id, wanted, _ROWS)
        return await customers_typed(connection, viewer.tenant_id, wanted, named[:_ROWS])
