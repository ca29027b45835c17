"""Personas: computed, read, compared."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response

from factbook.access import CurrentDatabase, CurrentPrincipal
from factbook.idempotency import IDEMPOTENCY_KEY_REUSED, IdempotencyKey, IdempotentRequest
from factbook.kernel.openapi import problem_answers
from factbook.kernel.problems import NOT_FOUND, SCOPE_REQUIRED
from factbook.persona.computing import answers, operations
from factbook.persona.computing.backend import Backend
from factbook.persona.computing.input_rules import MODEL_FAILED, MODEL_UNAVAILABLE, PERSON_CHANGED_MEANWHILE, PERSON_WITHOUT_DATA, PERSONA_UNFINISHED
from factbook.persona.computing.wire import PersonaAnswer, PersonaDiff, PersonaPage, PersonaWithHistory, RegenerationRequest, SubmittedAndRegenerated
from factbook.persona.http import CurrentSubmission, CurrentSubmissionKey, idempotent_request, json_response, page_response
from factbook.persona.rules import OWN_PERSONA
from factbook.persona.wire import DEFAULT_LIMIT, PageLimit, PageOffset

router = APIRouter(tags=["persona"], prefix="/person/{person_id}")
Version = Annotated[int, Path(ge=1, le=2**31 - 1, description="The number of a version, from 1.")]
_COMPUTING = (SCOPE_REQUIRED, NOT_FOUND, PERSON_CHANGED_MEANWHILE, IDEMPOTENCY_KEY_REUSED, MODEL_UNAVAILABLE, PERSONA_UNFINISHED, MODEL_FAILED)
_SUBMITTED: dict[int | str, dict[str, Any]] = {
    201: {"model": SubmittedAndRegenerated, "description": "The submission and the persona that knows it."},
    200: {"model": SubmittedAndRegenerated, "description": "Both were stored before under this key."},
}
_REGENERATED: dict[int | str, dict[str, Any]] = {
    201: {"model": PersonaAnswer, "description": "A new version."},
    200: {"model": PersonaAnswer, "description": "The newest version: nothing changed that it is computed from."},
}


def _shows(model: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": model, "description": description}} | problem_answers(NOT_FOUND)


async def _backend(request: Request) -> Backend:
    backend: Backend = request.app.state.persona_backend
    return backend


async def _regeneration(
    request: Request, wanted: RegenerationRequest | None = None, key: IdempotencyKey = None
) -> tuple[bool, IdempotentRequest | None]:
    wanted = wanted or RegenerationRequest()
    return wanted.force, idempotent_request(request, key, wanted.model_dump())


CurrentBackend = Annotated[Backend, Depends(_backend)]
CurrentRegeneration = Annotated[tuple[bool, IdempotentRequest | None], Depends(_regeneration)]


@router.post(
    "/data-and-regenerate",
    summary="Submit a text and compute the persona",
    status_code=201,
    responses=_SUBMITTED | problem_answers(*_COMPUTING, OWN_PERSONA),
)
async def post_data_and_regenerate(
    principal: CurrentPrincipal, backend: CurrentBackend, person_id: UUID, wanted: CurrentSubmission, request: CurrentSubmissionKey
) -> Response:
    """Stores the text and a persona that knows it, or neither of them."""
    data_id, version, is_new = await operations.submit_and_regenerate(backend, principal, person_id, wanted.raw_text, wanted.source, request)
    document = await answers.submitted_answer(backend.database, principal.tenant_id, person_id, data_id, version)
    return json_response(document, 201 if is_new else 200)


@router.post(
    "/regenerate", summary="Compute the persona", status_code=201, responses=_REGENERATED | problem_answers(*_COMPUTING, PERSON_WITHOUT_DATA)
)
async def post_regenerate(principal: CurrentPrincipal, backend: CurrentBackend, person_id: UUID, wanted: CurrentRegeneration) -> Response:
    """Makes a version of all submissions. Where nothing changed that the newest one is computed from, that one is the answer, unless forced."""
    force, request = wanted
    version, is_new = await operations.regenerate(backend, principal, person_id, force=force, request=request)
    return json_response(await answers.persona_answer(backend.database, principal.tenant_id, person_id, version), 201 if is_new else 200)


@router.get("/persona", summary="The newest persona", responses=_shows(PersonaAnswer, "The persona."))
async def get_persona(principal: CurrentPrincipal, database: CurrentDatabase, person_id: UUID) -> Response:
    """Who the person is, in words, each with the words of submissions that it rests on. 404 before the first was computed."""
    return json_response(await answers.persona_answer(database, principal.tenant_id, person_id))


@router.get(
    "/persona-with-history", summary="The newest persona and its submissions", responses=_shows(PersonaWithHistory, "Persona and submissions.")
)
async def get_persona_with_history(principal: CurrentPrincipal, database: CurrentDatabase, person_id: UUID) -> Response:
    """The persona, and every submission that it was computed from, whole and in their order."""
    return json_response(await answers.persona_answer(database, principal.tenant_id, person_id, history=True))


@router.get("/personas", summary="Every version", responses=_shows(PersonaPage, "The versions on this page."))
async def list_personas(
    principal: CurrentPrincipal, database: CurrentDatabase, person_id: UUID, limit: PageLimit = DEFAULT_LIMIT, offset: PageOffset = 0
) -> Response:
    """All versions that were computed, newest first. None is ever changed or lost while the person is not erased."""
    shown, total = await answers.personas_answer(database, principal.tenant_id, person_id, limit, offset)
    return page_response(shown, total, limit, offset)


@router.get("/personas/{version}", summary="One version", responses=_shows(PersonaAnswer, "The version."))
async def get_persona_version(principal: CurrentPrincipal, database: CurrentDatabase, person_id: UUID, version: Version) -> Response:
    """The persona as it was computed then."""
    return json_response(await answers.persona_answer(database, principal.tenant_id, person_id, version))


@router.get("/personas/{a}/diff/{b}", summary="Compare two versions", responses=problem_answers(NOT_FOUND))
async def get_persona_diff(principal: CurrentPrincipal, database: CurrentDatabase, person_id: UUID, a: Version, b: Version) -> PersonaDiff:
    """What version `b` says that `a` does not, and the other way round, and which submissions made the difference."""
    return await answers.diff_answer(database, principal.tenant_id, person_id, a, b)
