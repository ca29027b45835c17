"""The digest of a customer's ledger, which takes a walk through all of it, so it is made when it is asked for: as a page, or as a part of one."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from factbook.access import CurrentDatabase
from factbook.console.pages import page
from factbook.console.viewers import Viewer
from factbook.history import MAX_BASIS
from factbook.history.ledger.answers import customer_digest
from factbook.profile import CustomerInPath

router = APIRouter(prefix="/customers/{customer_id}", include_in_schema=False)


@router.get("/digest")
async def digest_page(
    request: Request,
    viewer: Viewer,
    database: CurrentDatabase,
    customer_id: CustomerInPath,
    basis: Annotated[int | None, Query(ge=0, le=MAX_BASIS)] = None,
    hx_request: Annotated[str | None, Header()] = None,
) -> Response:
    """The digest at a basis, else now. Scripts that put it into a page get it alone."""
    digest = await customer_digest(database, viewer.tenant_id, str(customer_id), basis)
    template = "customer/digest.html" if hx_request == "true" else "digest.html"
    return page(request, template, viewer, customer_id=customer_id, digest=digest)
