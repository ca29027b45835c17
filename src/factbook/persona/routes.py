"""Persons and what is submitted about them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from factbook.access import CurrentDatabase, CurrentPrincipal
from factbook.idempotency import IDEMPOTENCY_KEY_REUSED, IdempotencyKey, IdempotentRequest
from factbook.kernel import clock
from factbook.kernel.openapi import problem_answers
from factbook.kernel.problems import HUMAN_REQUIRED, NOT_FOUND, SCOPE_REQUIRED
from factbook.persona import answers, operations
from factbook.persona.http import TOTAL, CurrentSubmission, CurrentSubmissionKey, idempotent_request, json_response, page_response
from factbook.persona.rules import OWN_PERSONA
from factbook.persona.wire import (
    DEFAULT_LIMIT,
    CustomerOfPersonRequest,
    PageLimit,
    PageOffset,
    PersonAnswer,
    PersonRequest,
    SubmissionAnswer,
    SubmissionPage,
)

router = APIRouter(tags=["persona"], prefix="/person")
_PERSON: dict[int | str, dict[str, Any]] = {200: {"model": PersonAnswer, "description": "The person."}}
_CREATED: dict[int | str, dict[str, Any]] = {
    201: {"model": PersonAnswer, "description": "The person."},
    200: {"model": PersonAnswer, "description": "The person was created before under this key."},
}
_PERSONS: dict[int | str, dict[str, Any]] = {
    200: {
        "model": list[PersonAnswer],
        "description": "The persons on this page.",
        "headers": {TOTAL: {"schema": {"type": "integer"}, "description": "How many persons there are."}},
    }
}
_SUBMITTED: dict[int | str, dict[str, Any]] = {
    201: {"model": SubmissionAnswer, "description": "The submission."},
    200: {"model": SubmissionAnswer, "description": "The submission was stored before under this key."},
}
_SUBMISSIONS: dict[int | str, dict[str, Any]] = {200: {"model": SubmissionPage, "description": "The submissions on this page."}}


async def _creation(
    request: Request, wanted: PersonRequest | None = None, key: IdempotencyKey = None
) -> tuple[PersonRequest, IdempotentRequest | None]:
    wanted = wanted or PersonRequest()
    return wanted, idempotent_request(request, key, wanted.model_dump())


@router.post("", summary="Create a person", status_code=201, responses=_CREATED | problem_answers(SCOPE_REQUIRED, IDEMPOTENCY_KEY_REUSED))
async def post_person(
    principal: CurrentPrincipal, database: CurrentDatabase, creation: Annotated[tuple[PersonRequest, IdempotentRequest | None], Depends(_creation)]
) -> Response:
    """A person of whom something will be heard. No body is needed; what the body says is certain and above any text."""
    wanted, request = creation
    person_id, is_new = await operations.create_person(database, principal, wanted.person(clock.now()), request)
    return json_response(await answers.person_answer(database, principal.tenant_id, person_id), 201 if is_new else 200)


@router.get("", summary="The tenant's persons", responses=_PERSONS)
async def list_persons(principal: CurrentPrincipal, database: CurrentDatabase, limit: PageLimit = DEFAULT_LIMIT, offset: PageOffset = 0) -> Response:
    """Persons, newest first, as an array; how many there are stands in a header."""
    shown, total = await answers.persons_answer(database, principal.tenant_id, limit, offset)
    return json_response(shown, headers={TOTAL: str(total)})


@router.get("/{person_id}", summary="One person", responses=_PERSON | problem_answers(NOT_FOUND))
async def get_person(principal: CurrentPrincipal, database: CurrentDatabase, person_id: UUID) -> Response:
    """The person, how much was submitted, and whether the newest persona knows all of it."""
    return json_response(await answers.person_answer(database, principal.tenant_id, person_id))


@router.patch("/{person_id}", summary="Change demographics", responses=_PERSON | problem_answers(SCOPE_REQUIRED, NOT_FOUND))
async def patch_person(principal: CurrentPrincipal, database: CurrentDatabase, person_id: UUID, wanted: PersonRequest) -> Response:
    """Sets what is named and keeps the rest; null takes it away. The next persona heeds it."""
    await operations.change_demographics(database, principal, person_id, wanted.changes())
    return json_response(await answers.person_answer(database, principal.tenant_id, person_id))


@router.put("/{person_id}/customer", summary="Say which customer a person is", responses=_PERSON | problem_answers(HUMAN_REQUIRED, NOT_FOUND))
async def put_customer(principal: CurrentPrincipal, database: CurrentDatabase, person_id: UUID, wanted: CustomerOfPersonRequest) -> Response:
    """A human says whom the person belongs to, or that it is nobody; who said so is in the audit trail."""
    await operations.assign_customer(database, principal, person_id, wanted.customer_id, wanted.reason)
    return json_response(await answers.person_answer(database, principal.tenant_id, person_id))


@router.post(
    "/{person_id}/data",
    summary="Submit a text",
    status_code=201,
    responses=_SUBMITTED | problem_answers(SCOPE_REQUIRED, NOT_FOUND, OWN_PERSONA, IDEMPOTENCY_KEY_REUSED),
)
async def post_data(
    principal: CurrentPrincipal, database: CurrentDatabase, person_id: UUID, wanted: CurrentSubmission, request: CurrentSubmissionKey
) -> Response:
    """Keeps the text for ever, as it is. The persona stays as it was, and is stale, until it is regenerated."""
    data_id, is_new = await operations.submit(database, principal, person_id, wanted.raw_text, wanted.source, request)
    return json_response(await answers.submission_answer(database, principal.tenant_id, data_id), 201 if is_new else 200)


@router.get("/{person_id}/data", summary="What was submitted", responses=_SUBMISSIONS | problem_answers(NOT_FOUND))
async def list_data(
    principal: CurrentPrincipal, database: CurrentDatabase, person_id: UUID, limit: PageLimit = DEFAULT_LIMIT, offset: PageOffset = 0
) -> Response:
    """Submissions, oldest first, in the order in which personas are computed from them."""
    shown, total = await answers.submissions_answer(database, principal.tenant_id, person_id, limit, offset)
    return page_response(shown, total, limit, offset)
