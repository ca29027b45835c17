"""Consents of a customer: added, and read in their order."""

from typing import Any

from fastapi import APIRouter, Response

from factbook.access import CurrentPrincipal
from factbook.idempotency import IDEMPOTENCY_KEY_REUSED, CurrentIdempotentRequest
from factbook.kernel import clock
from factbook.kernel.openapi import problem_answers
from factbook.kernel.paging import DEFAULT_LIMIT, CursorText, Limit
from factbook.kernel.problems import NOT_FOUND, SCOPE_REQUIRED
from factbook.profile.consents.answers import consent_page
from factbook.profile.consents.operations import put_consent
from factbook.profile.consents.wire import ConsentPage, ConsentRequest
from factbook.profile.http import CurrentBackend, CustomerInPath, require_profile_writer
from factbook.profile.model import Consent

router = APIRouter(tags=["profile"], prefix="/customers/{customer_id}/consents")
_STANDING: dict[int | str, dict[str, Any]] = {200: {"description": "The consent was recorded before under this key.", "model": Consent}}


@router.post(
    "", summary="Record a consent", status_code=201, responses=_STANDING | problem_answers(SCOPE_REQUIRED, NOT_FOUND, IDEMPOTENCY_KEY_REUSED)
)
async def post_consent(
    principal: CurrentPrincipal,
    backend: CurrentBackend,
    customer_id: CustomerInPath,
    wanted: ConsentRequest,
    request: CurrentIdempotentRequest,
    response: Response,
) -> Consent:
    """Adds to what was said before; the last word on each type is what the profile shows."""
    require_profile_writer(principal)
    consent, is_new = await put_consent(backend, principal, customer_id, wanted.consent(clock.now()), request)
    response.status_code = 201 if is_new else 200
    return consent


@router.get("", summary="A customer's consents", responses=problem_answers(NOT_FOUND))
async def list_consents(
    principal: CurrentPrincipal, backend: CurrentBackend, customer_id: CustomerInPath, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None
) -> ConsentPage:
    """Every consent given and taken back, oldest first."""
    return await consent_page(backend.database, principal.tenant_id, customer_id, limit, cursor)
