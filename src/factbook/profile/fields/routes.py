"""Fields of a customer: written, read, verified by a human, deleted."""

from typing import Annotated

from fastapi import APIRouter, Query

from factbook.access import CurrentPrincipal, require_human
from factbook.kernel import clock
from factbook.kernel.openapi import problem_answers
from factbook.kernel.paging import DEFAULT_LIMIT, CursorText, Limit
from factbook.kernel.problems import HUMAN_REQUIRED, NOT_FOUND, SCOPE_REQUIRED
from factbook.profile.backend import Actor
from factbook.profile.fields import answers, recording
from factbook.profile.fields.operations import verify_customer_field
from factbook.profile.fields.values import SEALED_VALUE_UNREADABLE
from factbook.profile.fields.wire import FieldPage, FieldRequest, SavedFieldAnswer, VerificationRequest
from factbook.profile.http import CurrentBackend, CustomerInPath, NameInPath
from factbook.profile.lineage_rules import SOURCE_UNKNOWN
from factbook.profile.model import ItemStatus, ProfileField
from factbook.profile.schema_rules import FIELD_INVALID, METHOD_UNFIT

router = APIRouter(tags=["profile"], prefix="/customers/{customer_id}/profile/fields/{name}")
_WRITING = problem_answers(SCOPE_REQUIRED, HUMAN_REQUIRED, NOT_FOUND, FIELD_INVALID, SOURCE_UNKNOWN, SEALED_VALUE_UNREADABLE)
_READING = problem_answers(NOT_FOUND, SEALED_VALUE_UNREADABLE)


@router.put("", summary="Write a field", responses=_WRITING)
async def put_field(
    principal: CurrentPrincipal, backend: CurrentBackend, customer_id: CustomerInPath, name: NameInPath, wanted: FieldRequest
) -> SavedFieldAnswer:
    """A new value supersedes the one that stands, which stays in the history. A model's is only proposed where a human's or a verified one stands."""
    saved = await recording.record_field(backend, principal, customer_id, wanted.field(name, clock.now()), wanted.terms())
    return SavedFieldAnswer.of(saved)


@router.get("", summary="One field", responses=_READING)
async def get_field(
    principal: CurrentPrincipal,
    backend: CurrentBackend,
    customer_id: CustomerInPath,
    name: NameInPath,
    status: Annotated[ItemStatus, Query(description="How the version stands.")] = ItemStatus.ACTIVE,
) -> ProfileField:
    """The newest version with this status."""
    return await answers.customer_field(backend, principal.tenant_id, customer_id, name, status)


@router.get("/history", summary="Every version of a field", responses=_READING)
async def get_field_history(
    principal: CurrentPrincipal,
    backend: CurrentBackend,
    customer_id: CustomerInPath,
    name: NameInPath,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> FieldPage:
    """All versions with their statuses and sources, the last collected first."""
    return await answers.field_history_page(backend, principal.tenant_id, customer_id, name, limit, cursor)


@router.post(
    "/verification",
    summary="Verify a field",
    responses=problem_answers(HUMAN_REQUIRED, NOT_FOUND, METHOD_UNFIT, SEALED_VALUE_UNREADABLE),
)
async def post_verification(
    principal: CurrentPrincipal, backend: CurrentBackend, customer_id: CustomerInPath, name: NameInPath, wanted: VerificationRequest
) -> ProfileField:
    """A human says that the active value was verified, and how. The next value is unverified again."""
    require_human(principal)
    return await verify_customer_field(
        backend, principal.tenant_id, Actor.of(principal), customer_id, name, method=wanted.method, verified_by=principal.name
    )
