"""Merging two persons: the persona of both is computed outside of any transaction, then everything changes in one, or nothing does."""

from uuid import UUID

from factbook import audit
from factbook.access import Principal, require_human
from factbook.database.pools import Connection
from factbook.idempotency import IdempotentRequest, MadeBefore, claim
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.language import LanguageFailure
from factbook.persona import store
from factbook.persona.computing import notes_store, personas_store
from factbook.persona.computing.backend import Backend, TookTooLongError, until
from factbook.persona.computing.composing import computed_persona
from factbook.persona.computing.finishing import left_to_finish
from factbook.persona.computing.input_rules import PERSON_CHANGED_MEANWHILE, problem_of
from factbook.persona.computing.model import ComputedPersona, Inputs, Note
from factbook.persona.computing.taking import notes_of, take_missing_notes
from factbook.persona.merging import merging_store
from factbook.persona.merging.merging_rules import event_of, merged_demographics, refuse_one_person
from factbook.persona.model import Submission
from factbook.persona.operations import held_person, next_submission, refuse_own_persona
from factbook.persona.rules import no_such_person

SOURCE = "merge"
# How often the persona is computed anew because one of the two changed meanwhile.
_TRIES = 6


class _ChangedMeanwhileError(Exception):
    """What the persona was computed from is no longer what there is. Raised out of the transaction, it takes the merge back."""


async def merge_persons(
    backend: Backend, actor: Principal, kept_id: UUID, merged_id: UUID, *, raw_text: str | None = None, request: IdempotentRequest | None = None
) -> None:
    """Make two persons one: submissions keep ids, times and sources, the kept person gets a persona of them all, the other one is no more.

    `raw_text` is one submission more, of what was heard of both. Raises `human_required`, 404, `merge_with_itself`, `persons_disagree`,
    `own_persona`, `model_unavailable`, `model_failed`, `persona_unfinished`, `person_changed_meanwhile` and `idempotency_key_reused`: nothing
    is changed then.
    """
    require_human(actor)
    refuse_one_person(kept_id, merged_id)
    try:
        await _merged(backend, actor, kept_id, merged_id, raw_text, request)
    except LanguageFailure as failure:
        raise problem_of(failure) from None
    except TookTooLongError:
        raise await left_to_finish(backend, actor, [kept_id, merged_id]) from None


async def _merged(
    backend: Backend, actor: Principal, kept_id: UUID, merged_id: UUID, raw_text: str | None, request: IdempotentRequest | None
) -> None:
    deadline = backend.deadline()
    added = await _noted(backend, actor, raw_text, deadline) if raw_text is not None else None
    first, second = sorted((kept_id, merged_id))
    async with backend.turn(actor.tenant_id, first, deadline), backend.turn(actor.tenant_id, second, deadline):
        for _ in range(_TRIES):
            computed = await _computed(backend, actor, kept_id, merged_id, added, deadline)
            try:
                await _stored(backend, actor, kept_id, merged_id, computed, added, request)
            except _ChangedMeanwhileError:
                continue
            except MadeBefore:
                pass
            return
    raise PERSON_CHANGED_MEANWHILE.because("Nothing was stored: others kept changing the persons. Try again.")


async def _noted(backend: Backend, actor: Principal, raw_text: str, deadline: float | None) -> tuple[Submission, list[Note]]:
    """The submission that comes with the merge, and its notes; nothing of it is stored."""
    async with backend.database.reading(actor.tenant_id) as connection:
        await refuse_own_persona(connection, actor.tenant_id, raw_text)
    async with until(deadline):
        return Submission(new_id(), raw_text, SOURCE, clock.now(), actor.id), await notes_of(backend, raw_text)


async def _computed(
    backend: Backend, actor: Principal, kept_id: UUID, merged_id: UUID, added: tuple[Submission, list[Note]] | None, deadline: float | None
) -> ComputedPersona | None:
    """The persona of both as they are now; None when nothing was submitted about either."""
    tenant_id = actor.tenant_id
    async with backend.database.reading(tenant_id) as connection:
        kept, merged = [await merging_store.seen_person(connection, tenant_id, person_id) for person_id in (kept_id, merged_id)]
        submissions = await merging_store.submissions_of_both(connection, tenant_id, kept_id, merged_id)
    if kept is None or merged is None:
        raise no_such_person()
    pending = ((added[0].id, added[0].text_sha256),) if added else ()
    inputs = Inputs((*submissions, *pending), merged_demographics(kept, merged))
    if not inputs.submissions:
        return None
    try:
        async with until(deadline):
            await take_missing_notes(backend, tenant_id, kept_id)
            await take_missing_notes(backend, tenant_id, merged_id)
            return await computed_persona(backend, tenant_id, inputs, (added[0].id, added[1]) if added else None)
    except LookupError:
        raise no_such_person() from None  # a submission is gone: only an erasure does that


async def _stored(
    backend: Backend,
    actor: Principal,
    kept_id: UUID,
    merged_id: UUID,
    computed: ComputedPersona | None,
    added: tuple[Submission, list[Note]] | None,
    request: IdempotentRequest | None,
) -> None:
    async with backend.database.transaction(actor.tenant_id) as connection:
        for person_id in sorted((kept_id, merged_id)):
            await held_person(connection, actor.tenant_id, person_id)
        merge = await merging_store.merge_persons(connection, kept_id, merged_id, new_id(), actor.id, clock.now())
        if merge is None:
            raise no_such_person()
        await _check_unchanged(connection, actor.tenant_id, kept_id, computed, pending=added is not None)
        if computed is not None:
            if added is not None:
                await _store_added(connection, actor, kept_id, computed, *added)
            standing = await personas_store.standing_persona(connection, actor.tenant_id, kept_id)
            if standing is None or standing.input_sha256 != computed.input_sha256:  # else nothing new came of it
                await personas_store.insert_persona(connection, actor.tenant_id, kept_id, new_id(), computed, standing, actor.id, clock.now())
        await claim(connection, actor.tenant_id, actor.id, request, kept_id)
        await audit.record(connection, actor.tenant_id, event_of(merge))


async def _check_unchanged(connection: Connection, tenant_id: UUID, kept_id: UUID, computed: ComputedPersona | None, *, pending: bool) -> None:
    """The merged person must be just what the persona was computed from."""
    now = await personas_store.inputs_of(connection, tenant_id, kept_id)
    if now is None:
        raise no_such_person()
    known = computed.inputs if computed else Inputs((), now.demographics)
    stored = known.submissions[:-1] if pending else known.submissions
    if stored != now.submissions or known.demographics != now.demographics:
        raise _ChangedMeanwhileError


async def _store_added(
    connection: Connection, actor: Principal, kept_id: UUID, computed: ComputedPersona, added: Submission, notes: list[Note]
) -> None:
    await refuse_own_persona(connection, actor.tenant_id, added.raw_text)
    submission = await next_submission(connection, actor.tenant_id, actor.id, kept_id, added.raw_text, added.source, added.id)
    tenant_id, recipe = actor.tenant_id, computed.recipe
    await store.insert_submissions(connection, tenant_id, kept_id, [submission], submission.created_at)
    await notes_store.insert_notes(connection, tenant_id, [(added.id, notes)], recipe.extractor, recipe.notes_version, submission.created_at)
