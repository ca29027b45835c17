"""GET a customer's profile: the hot read. The bytes are the database's or the cache's; nothing is built of them here."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from factbook.access import CurrentPrincipal, principal_of
from factbook.identity import customer_id_in, no_such_customer
from factbook.kernel.hot_route import hot_route
from factbook.kernel.openapi import problem_answers
from factbook.kernel.problems import NOT_FOUND
from factbook.profile.backend import Backend
from factbook.profile.document import Document, customer_document, customer_document_with_history, opened_body
from factbook.profile.fields.values import SEALED_VALUE_UNREADABLE
from factbook.profile.http import CurrentBackend, CustomerInPath
from factbook.profile.model import CustomerProfile

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": CustomerProfile, "description": "The profile.", "headers": {"ETag": {"schema": {"type": "string"}}}},
    304: {"description": "The profile is still the one that `If-None-Match` names."},
}


async def _current_profile(request: Request) -> Response:
    """The short cut: the profile as it is, without its history."""
    backend: Backend = request.app.state.profile_backend
    tenant_id = principal_of(request).tenant_id
    document = await customer_document(backend, tenant_id, customer_id_in(request.path_params["customer_id"]))
    return await _answer(backend, tenant_id, document, request.headers.get("if-none-match"))


async def _answer(backend: Backend, tenant_id: UUID, document: Document | None, if_none_match: str | None) -> Response:
    if document is None:
        raise no_such_customer()
    headers = {"ETag": document.etag, "Cache-Control": "private, no-cache"}
    if if_none_match is not None and document.matches(if_none_match):
        return Response(status_code=304, headers=headers)
    return Response(await opened_body(backend, tenant_id, document), headers=headers, media_type="application/json")


router = APIRouter(tags=["profile"], route_class=hot_route(_current_profile))


@router.get(
    "/customers/{customer_id}/profile", summary="A customer's profile", responses=_ANSWERS | problem_answers(NOT_FOUND, SEALED_VALUE_UNREADABLE)
)
async def get_profile(
    principal: CurrentPrincipal,
    backend: CurrentBackend,
    customer_id: CustomerInPath,
    include_history: Annotated[bool, Query(description="With every version of every field and asset, and all consents.")] = False,
    if_none_match: Annotated[str | None, Header(description="The `ETag` of what the caller has.")] = None,
) -> Response:
    """Everything known of the customer: active fields and assets with their sources, addresses, consents. An empty profile for one not written of."""
    find = customer_document_with_history if include_history else customer_document
    document = await find(backend, principal.tenant_id, customer_id)
    return await _answer(backend, principal.tenant_id, document, if_none_match)
