"""The ten calls of the older interface. Addresses with a name of their own stand before those with an id."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from starlette.responses import StreamingResponse

from factbook.access import CurrentDatabase, CurrentPrincipal, require_human
from factbook.idempotency import IDEMPOTENCY_KEY_REUSED, CurrentIdempotentRequest, IdempotencyKey, IdempotentRequest
from factbook.kernel.ids import id_in_path
from factbook.kernel.openapi import problem_answers
from factbook.kernel.problems import HUMAN_REQUIRED, NOT_FOUND, SCOPE_REQUIRED, FieldError
from factbook.persona.computing.input_rules import MODEL_FAILED, MODEL_UNAVAILABLE, PERSON_CHANGED_MEANWHILE, PERSONA_UNFINISHED
from factbook.persona.computing.routes import CurrentBackend
from factbook.persona.erasing.operations import erase_person
from factbook.persona.fetching.fetcher import PageFetcher
from factbook.persona.http import idempotent_request, json_response, page_response
from factbook.persona.legacy import answers, operations
from factbook.persona.legacy.legacy_rules import BATCH_EMPTY, EXPORT_FORMAT_UNKNOWN, URLS_NOT_FETCHED, format_unknown
from factbook.persona.legacy.wire import (
    DEFAULT_EXPORT,
    DEFAULT_LIMIT,
    MOST_OF_A_BATCH,
    ExportLimit,
    LegacyCreated,
    LegacyExport,
    LegacyPage,
    LegacyPersona,
    LegacyRequest,
    LegacyStats,
    LegacyText,
    Wanted,
)
from factbook.persona.merging.merging_rules import MERGE_WITH_ITSELF, PERSONS_DISAGREE
from factbook.persona.rules import OWN_PERSONA, no_such_person
from factbook.persona.wire import PageLimit, PageOffset

router = APIRouter(tags=["persona (older interface)"], prefix="/persona", deprecated=True)

SKIPPED = "X-Urls-Skipped"
_COMPUTING = problem_answers(SCOPE_REQUIRED, OWN_PERSONA, MODEL_UNAVAILABLE, PERSONA_UNFINISHED, MODEL_FAILED, IDEMPOTENCY_KEY_REUSED)
_SKIPPING = {"headers": {SKIPPED: {"schema": {"type": "string"}, "description": "Which of the URLs were skipped, and why."}}}


def _shows(status: int, model: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": model, "description": description}}


_BEFORE = {"description": "It was made before under this key."}
_CREATED: dict[int | str, dict[str, Any]] = {201: _SKIPPING, 200: {"model": LegacyCreated, **_BEFORE}}
_CREATED_ALL: dict[int | str, dict[str, Any]] = {
    201: {"model": list[LegacyPersona], "description": "The personas, in the order of their texts."},
    200: {"model": list[LegacyPersona], **_BEFORE},
}


async def _page_fetcher(request: Request) -> PageFetcher:
    fetcher: PageFetcher = request.app.state.page_fetcher
    return fetcher


async def _merge_request(
    request: Request, persona_id_1: str, persona_id_2: str, merged_raw_text: LegacyText | None = None, key: IdempotencyKey = None
) -> IdempotentRequest | None:
    """The request under its key. A text that is no id names nobody, and need not be one that can be hashed."""
    ids = [str(id_in_path(text, no_such_person())) for text in (persona_id_1, persona_id_2)]
    return idempotent_request(request, key, [*ids, merged_raw_text])


CurrentPageFetcher = Annotated[PageFetcher, Depends(_page_fetcher)]


@router.post("", summary="Create a persona", status_code=201, responses=_CREATED | _COMPUTING | problem_answers(URLS_NOT_FETCHED))
async def post_persona(
    principal: CurrentPrincipal,
    backend: CurrentBackend,
    fetcher: CurrentPageFetcher,
    wanted: LegacyRequest,
    request: CurrentIdempotentRequest,
    response: Response,
) -> LegacyCreated:
    """A person of whom this was heard, and their persona; all is stored, or nothing. URLs that cannot be fetched are skipped, unless all are."""
    person_id, skipped, is_new = await operations.create_persona(backend, fetcher, principal, wanted.raw_text, wanted.urls, request)
    response.status_code = 201 if is_new else 200
    response.headers.update(_told(skipped))
    return await answers.created_answer(backend.database, principal.tenant_id, person_id)


@router.get("", summary="All personas", responses=_shows(200, LegacyPage, "The personas on this page."))
async def list_personas(principal: CurrentPrincipal, database: CurrentDatabase, limit: PageLimit = DEFAULT_LIMIT, offset: PageOffset = 0) -> Response:
    """Every person's persona, newest person first."""
    shown, total = await answers.legacy_list_answer(database, principal.tenant_id, limit, offset)
    return page_response(shown, total, limit, offset)


@router.post(
    "/merge",
    summary="Merge two personas",
    responses=_shows(200, LegacyPersona, "The first persona, which now knows what was heard of both.")
    | _COMPUTING
    | problem_answers(HUMAN_REQUIRED, NOT_FOUND, MERGE_WITH_ITSELF, PERSONS_DISAGREE, PERSON_CHANGED_MEANWHILE),
)
async def post_merge(
    principal: CurrentPrincipal,
    backend: CurrentBackend,
    persona_id_1: Annotated[str, Query(description="The persona that stays.")],
    persona_id_2: Annotated[str, Query(description="The persona that is no more afterwards.")],
    request: Annotated[IdempotentRequest | None, Depends(_merge_request)],
    merged_raw_text: Annotated[LegacyText | None, Query(description="One text more, of what was heard of both.")] = None,
) -> Response:
    """A human says that two persons are one. What was heard of the second is the first one's from then on, under its ids and times."""
    kept = await operations.merge_personas(backend, principal, persona_id_1, persona_id_2, merged_raw_text, request)
    return json_response(await answers.legacy_answer(backend.database, principal.tenant_id, kept))


@router.post("/batch", summary="Create several personas", status_code=201, responses=_CREATED_ALL | _COMPUTING | problem_answers(BATCH_EMPTY))
async def post_batch(
    principal: CurrentPrincipal,
    backend: CurrentBackend,
    raw_texts: Annotated[list[LegacyText], Body(max_length=MOST_OF_A_BATCH, examples=[["I am a nurse.", "I live in Lyon."]])],
    request: CurrentIdempotentRequest,
) -> Response:
    """A person for each text, all of them, or none."""
    ids, is_new = await operations.create_personas(backend, principal, raw_texts, request)
    return json_response(await answers.legacy_answers(backend.database, principal.tenant_id, ids), 201 if is_new else 200)


@router.get("/search", summary="Search personas", responses=_shows(200, list[LegacyPersona], "What was found, newest first."))
async def search_personas(principal: CurrentPrincipal, database: CurrentDatabase, q: Wanted, limit: PageLimit = DEFAULT_LIMIT) -> Response:
    """Among the newest thousand: those whose text, name, role, location or description holds what is looked for."""
    return json_response(await answers.search_answer(database, principal.tenant_id, q, limit))


@router.get("/stats", summary="How many personas there are")
async def get_stats(principal: CurrentPrincipal, database: CurrentDatabase) -> LegacyStats:
    """Their number, and the times of the first and the last."""
    return await answers.stats_answer(database, principal.tenant_id)


@router.get("/export", summary="Export personas", responses=_shows(200, LegacyExport, "The export.") | problem_answers(EXPORT_FORMAT_UNKNOWN))
async def export_personas(
    principal: CurrentPrincipal,
    database: CurrentDatabase,
    format: Annotated[str, Query(description="`json`; there is no other.")] = "json",  # noqa: A002 - the name that clients send
    limit: ExportLimit = DEFAULT_EXPORT,
) -> Response:
    """The newest personas, out of one snapshot, sent as they are read."""
    if format != "json":
        raise format_unknown()
    return StreamingResponse(await answers.begun(answers.export_pieces(database, principal.tenant_id, limit)), media_type="application/json")


@router.get("/{persona_id}", summary="One persona", responses=_shows(200, LegacyPersona, "The persona.") | problem_answers(NOT_FOUND))
async def get_persona(principal: CurrentPrincipal, database: CurrentDatabase, persona_id: str) -> Response:
    """The persona with this id, which stays the same over all versions; a person's own id does as well."""
    person_id = await answers.person_named(database, principal.tenant_id, persona_id)
    return json_response(await answers.legacy_answer(database, principal.tenant_id, person_id))


@router.patch(
    "/{persona_id}",
    summary="Add to a persona",
    responses=_shows(200, LegacyPersona, "The persona, which now knows this, too.")
    | {200: {"model": LegacyPersona, "description": "The persona, which now knows this, too.", **_SKIPPING}}
    | _COMPUTING
    | problem_answers(NOT_FOUND, URLS_NOT_FETCHED, PERSON_CHANGED_MEANWHILE),
)
async def patch_persona(
    principal: CurrentPrincipal,
    backend: CurrentBackend,
    fetcher: CurrentPageFetcher,
    persona_id: str,
    wanted: LegacyRequest,
    request: CurrentIdempotentRequest,
) -> Response:
    """Adds what was heard to all that was heard before, of which nothing is lost, and computes the persona of it."""
    person_id = await answers.person_named(backend.database, principal.tenant_id, persona_id)
    skipped = await operations.add_to_persona(backend, fetcher, principal, person_id, wanted.raw_text, wanted.urls, request)
    return json_response(await answers.legacy_answer(backend.database, principal.tenant_id, person_id), headers=_told(skipped))


@router.delete("/{persona_id}", summary="Delete a persona", status_code=204, responses=problem_answers(HUMAN_REQUIRED, NOT_FOUND))
async def delete_persona(principal: CurrentPrincipal, database: CurrentDatabase, persona_id: str) -> None:
    """A human erases the person: the persona, every version of it and all that was heard."""
    require_human(principal)
    await erase_person(database, principal, await answers.person_named(database, principal.tenant_id, persona_id))


def _told(skipped: Sequence[FieldError]) -> dict[str, str]:
    """The header that names what was skipped; none where nothing was."""
    return {SKIPPED: "; ".join(f"{each.field}: {each.message}" for each in skipped)} if skipped else {}
