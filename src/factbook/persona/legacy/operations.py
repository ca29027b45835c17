"""Writes of the older interface. A person, what was heard and the persona are stored together, or nothing is; pages are fetched before."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

import structlog

from factbook.access import Principal, require_human
from factbook.database.pools import Connection
from factbook.idempotency import IdempotentRequest, MadeBefore, claim, made_before
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.kernel.problems import FieldError
from factbook.language import LanguageFailure
from factbook.persona import store
from factbook.persona.computing import notes_store, personas_store
from factbook.persona.computing.backend import Backend, TookTooLongError, until
from factbook.persona.computing.composing import computed_persona
from factbook.persona.computing.input_rules import problem_of, request_too_large
from factbook.persona.computing.model import ComputedPersona, Inputs, Note
from factbook.persona.computing.operations import submit_and_regenerate
from factbook.persona.computing.taking import notes_of
from factbook.persona.fetching.fetcher import PageFetcher
from factbook.persona.legacy.answers import person_named
from factbook.persona.legacy.legacy_rules import BATCH_EMPTY, SOURCE_WITH_PAGES, skipped_urls, text_with_pages
from factbook.persona.merging.operations import merge_persons
from factbook.persona.model import DEFAULT_SOURCE, Demographics, NewPerson, Submission
from factbook.persona.operations import refuse_own_persona, require_person_writer

# Texts of one batch of which personas are computed at the same time.
_AT_ONCE = 8

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Draft:
    """A submission with its notes and the persona of it alone; nothing of it is stored."""

    submission: Submission
    notes: list[Note]
    computed: ComputedPersona


async def create_persona(
    backend: Backend, fetcher: PageFetcher, actor: Principal, raw_text: str | None, urls: Sequence[str] | None, request: IdempotentRequest | None
) -> tuple[UUID, list[FieldError], bool]:
    """The new person, with what was heard and a persona of it; which URLs were skipped, and why; and whether this call stored it: all, or nothing.

    Raises `scope_required`, `urls_not_fetched`, `own_persona`, `model_unavailable`, `model_failed`, `persona_unfinished`,
    `idempotency_key_reused`, 422 for too much text.
    """
    require_person_writer(actor)
    before = await _made_before(backend, actor, request)
    if before is not None:
        return before, [], False
    deadline = backend.deadline()  # pages take their share of a request's time
    text, skipped = await _heard(fetcher, raw_text, urls)
    (person_id,), is_new = await _created(backend, actor, [text], _source(urls), request, deadline)
    return person_id, skipped, is_new


async def add_to_persona(
    backend: Backend,
    fetcher: PageFetcher,
    actor: Principal,
    person_id: UUID,
    raw_text: str | None,
    urls: Sequence[str] | None,
    request: IdempotentRequest | None,
) -> list[FieldError]:
    """Add what was heard to the person, and a persona of all that ever was; both, or neither. Returns which URLs were skipped, and why.

    Raises as `create_persona`, and 404 and `person_changed_meanwhile`.
    """
    require_person_writer(actor)
    if await _made_before(backend, actor, request) is not None:
        return []
    deadline = backend.deadline()
    text, skipped = await _heard(fetcher, raw_text, urls)
    await submit_and_regenerate(backend, actor, person_id, text, _source(urls), request, deadline=deadline)
    return skipped


async def create_personas(backend: Backend, actor: Principal, raw_texts: Sequence[str], request: IdempotentRequest | None) -> tuple[list[UUID], bool]:
    """A person for each text, in their order, and whether this call stored them: all, or none. Raises `batch_empty`, and as `create_persona`."""
    require_person_writer(actor)
    if not raw_texts:
        raise BATCH_EMPTY.because("Nothing was stored.")
    before = await _made_before(backend, actor, request)
    if before is not None:
        return _person_ids(before, len(raw_texts)), False
    return await _created(backend, actor, raw_texts, DEFAULT_SOURCE, request, backend.deadline())


async def merge_personas(
    backend: Backend, actor: Principal, first: str, second: str, raw_text: str | None, request: IdempotentRequest | None
) -> UUID:
    """The person whom the first id names, and who is the second one, too, from then on. Raises as `merge_persons`, and 404."""
    require_human(actor)
    before = await _made_before(backend, actor, request)
    if before is not None:
        return before
    kept, merged = [await person_named(backend.database, actor.tenant_id, text) for text in (first, second)]
    await merge_persons(backend, actor, kept, merged, raw_text=raw_text, request=request)
    return kept


async def _heard(fetcher: PageFetcher, raw_text: str | None, urls: Sequence[str] | None) -> tuple[str, list[FieldError]]:
    """The text together with those of the pages, and which URLs were skipped. No transaction is open meanwhile."""
    pages = await fetcher.texts(urls or ())
    text = text_with_pages(raw_text, pages)
    skipped = skipped_urls(pages)
    if skipped:
        _log.warning("urls_skipped", skipped=[f"{each.field}: {each.message}" for each in skipped])
    return text, skipped


def _source(urls: Sequence[str] | None) -> str:
    return SOURCE_WITH_PAGES if urls else DEFAULT_SOURCE


async def _created(
    backend: Backend, actor: Principal, raw_texts: Sequence[str], source: str, request: IdempotentRequest | None, deadline: float | None
) -> tuple[list[UUID], bool]:
    try:
        async with until(deadline):
            drafts = await _drafts(backend, actor, raw_texts, source)
    except TookTooLongError:
        raise request_too_large() from None
    ids = _person_ids(new_id(), len(drafts))
    try:
        async with backend.database.transaction(actor.tenant_id) as connection:
            for person_id, draft in zip(ids, drafts, strict=True):
                await _store(connection, actor, person_id, draft)
            await claim(connection, actor.tenant_id, actor.id, request, ids[0])
    except MadeBefore as before:
        return _person_ids(before.resource_id, len(drafts)), False
    return ids, True


async def _drafts(backend: Backend, actor: Principal, raw_texts: Sequence[str], source: str) -> list[_Draft]:
    """A draft of each text, several at a time: a model answers many at once, and a request has only so much time."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(raw_text: str) -> _Draft:
        async with places:
            return await _draft(backend, actor, raw_text, source)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(in_turn(raw_text)) for raw_text in raw_texts]
    except ExceptionGroup as failed:  # the first failure ended the others
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


def _person_ids(first_id: UUID, count: int) -> list[UUID]:
    """The ids of the persons of a request. All follow from the first, so that a repetition under an idempotency key finds them by that one."""
    return [first_id, *(uuid5(first_id, str(place)) for place in range(1, count))]


async def _made_before(backend: Backend, actor: Principal, request: IdempotentRequest | None) -> UUID | None:
    if request is None:
        return None
    async with backend.database.reading(actor.tenant_id) as connection:
        return await made_before(connection, actor.tenant_id, actor.id, request)


async def _draft(backend: Backend, actor: Principal, raw_text: str, source: str) -> _Draft:
    async with backend.database.reading(actor.tenant_id) as connection:
        await refuse_own_persona(connection, actor.tenant_id, raw_text)
    submission = Submission(new_id(), raw_text, source, clock.now(), actor.id)
    inputs = Inputs(((submission.id, submission.text_sha256),), Demographics())
    try:
        notes = await notes_of(backend, raw_text)
        return _Draft(submission, notes, await computed_persona(backend, actor.tenant_id, inputs, (submission.id, notes)))
    except LanguageFailure as failure:
        raise problem_of(failure) from None


async def _store(connection: Connection, actor: Principal, person_id: UUID, draft: _Draft) -> None:
    tenant_id, submission, recipe = actor.tenant_id, draft.submission, draft.computed.recipe
    at = submission.created_at
    await store.insert_person(connection, tenant_id, NewPerson(person_id, new_id(), Demographics(), at))
    await store.insert_submissions(connection, tenant_id, person_id, [submission], at)
    await notes_store.insert_notes(connection, tenant_id, [(submission.id, draft.notes)], recipe.extractor, recipe.notes_version, at)
    await personas_store.insert_persona(connection, tenant_id, person_id, new_id(), draft.computed, None, actor.id, at)
