"""Regenerating a persona: read what there is, compute outside of any transaction, then store under the lock of the person's row if it still fits."""

from dataclasses import dataclass
from uuid import UUID

from factbook.access import Principal
from factbook.database.pools import Connection
from factbook.idempotency import IdempotentRequest, MadeBefore, claim, made_before
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.language import LanguageFailure
from factbook.persona import store
from factbook.persona.computing import notes_store, personas_store
from factbook.persona.computing.backend import Backend
from factbook.persona.computing.composing import computed_persona
from factbook.persona.computing.counting import COMPUTED
from factbook.persona.computing.input_rules import PERSON_WITHOUT_DATA, Verdict, input_sha256, problem_of, verdict
from factbook.persona.computing.model import ComputedPersona, Inputs, Note, StandingPersona
from factbook.persona.computing.personas_queries import first_version_with, version_with_row_id
from factbook.persona.computing.taking import notes_of, take_missing_notes
from factbook.persona.model import sha256_of
from factbook.persona.operations import held_person, next_submission, refuse_own_persona, require_person_writer
from factbook.persona.rules import no_such_person

# How often a persona is computed because the person changed meanwhile. Callers of one process wait for each other, and of several processes that race
# for a person one wins each time, so this many tries in a row are lost once in a hundred thousand times by one of four. A request's time ends sooner.
TRIES = 40


@dataclass(frozen=True, slots=True)
class Pending:
    """A submission that is stored together with the persona that knows it, and its notes."""

    id: UUID
    raw_text: str
    source: str
    text_sha256: bytes
    notes: list[Note]


async def regenerate(
    backend: Backend, actor: Principal, person_id: UUID, *, force: bool, request: IdempotentRequest | None = None
) -> tuple[int, bool]:
    """The number of the newest version, and whether this call made it: unchanged inputs make none unless forced.

    Raises `scope_required`, 404, `person_without_data`, `model_unavailable`, `model_failed`, `person_changed_meanwhile`, `idempotency_key_reused`.
    """
    require_person_writer(actor)
    before = await _made_before(backend, actor, request)
    if before is None:
        try:
            async with backend.turn(actor.tenant_id, person_id):
                return await _regenerated(backend, actor, person_id, None, request, force=force)
        except MadeBefore as made:
            before = made.resource_id
    async with backend.database.reading(actor.tenant_id) as connection:
        version = await version_with_row_id(connection, actor.tenant_id, before)
    if version is None:
        raise no_such_person()
    return version, False


async def submit_and_regenerate(
    backend: Backend, actor: Principal, person_id: UUID, raw_text: str, source: str, request: IdempotentRequest | None = None
) -> tuple[UUID, int, bool]:
    """The submission's id, the number of the first version that knows it, and whether this call stored them: both, or neither.

    Raises as `regenerate`, and `own_persona`.
    """
    require_person_writer(actor)
    before = await _made_before(backend, actor, request)
    if before is None:
        try:
            pending = await _pending(backend, actor, person_id, raw_text, source)
            async with backend.turn(actor.tenant_id, person_id):
                version, _ = await _regenerated(backend, actor, person_id, pending, request, force=False)
            return pending.id, version, True
        except MadeBefore as made:
            before = made.resource_id
    async with backend.database.reading(actor.tenant_id) as connection:
        known_since = await first_version_with(connection, actor.tenant_id, person_id, before)
    if known_since is None:
        raise no_such_person()
    return before, known_since, False


async def _made_before(backend: Backend, actor: Principal, request: IdempotentRequest | None) -> UUID | None:
    """Looked up before anything is computed, so that a repetition costs nothing."""
    if request is None:
        return None
    async with backend.database.reading(actor.tenant_id) as connection:
        return await made_before(connection, actor.tenant_id, actor.id, request)


async def _pending(backend: Backend, actor: Principal, person_id: UUID, raw_text: str, source: str) -> Pending:
    """The submission with its notes, nothing of it stored. What cannot be submitted costs no task."""
    async with backend.database.reading(actor.tenant_id) as connection:
        if await personas_store.inputs_of(connection, actor.tenant_id, person_id) is None:
            raise no_such_person()
        await refuse_own_persona(connection, actor.tenant_id, raw_text)
    try:
        notes = await notes_of(backend, raw_text)
    except LanguageFailure as failure:
        raise problem_of(failure) from None
    return Pending(new_id(), raw_text, source, sha256_of(raw_text), notes)


async def _regenerated(
    backend: Backend, actor: Principal, person_id: UUID, pending: Pending | None, request: IdempotentRequest | None, *, force: bool
) -> tuple[int, bool]:
    for tries_left in reversed(range(TRIES)):
        inputs, standing = await _snapshot(backend, actor.tenant_id, person_id, pending)
        if not inputs.submissions:
            raise PERSON_WITHOUT_DATA.because("There is nothing to compute a persona from: submit something first.")
        if standing is not None and standing.input_sha256 == input_sha256(inputs, backend.recipe) and not force:
            await _claim_standing(backend, actor, standing, request)
            return standing.version, False
        computed = await _computed(backend, actor.tenant_id, person_id, inputs, pending)
        if computed is None:
            continue
        version = await _stored(backend, actor, person_id, computed, pending, request, force=force, last_try=not tries_left)
        if version is not None:
            return version
    raise no_such_person()  # each try found a submission gone: only an erasure does that


async def _snapshot(backend: Backend, tenant_id: UUID, person_id: UUID, pending: Pending | None) -> tuple[Inputs, StandingPersona | None]:
    async with backend.database.reading(tenant_id) as connection:
        inputs = await personas_store.inputs_of(connection, tenant_id, person_id)
        standing = await personas_store.standing_persona(connection, tenant_id, person_id)
    if inputs is None:
        raise no_such_person()
    if pending is not None:
        inputs = Inputs((*inputs.submissions, (pending.id, pending.text_sha256)), inputs.demographics)
    return inputs, standing


async def _claim_standing(backend: Backend, actor: Principal, standing: StandingPersona, request: IdempotentRequest | None) -> None:
    if request is not None:
        async with backend.database.transaction(actor.tenant_id) as connection:
            await claim(connection, actor.tenant_id, actor.id, request, standing.id)


async def _computed(backend: Backend, tenant_id: UUID, person_id: UUID, inputs: Inputs, pending: Pending | None) -> ComputedPersona | None:
    """The persona of these inputs; None when a submission was erased meanwhile."""
    try:
        await take_missing_notes(backend, tenant_id, person_id)
        return await computed_persona(backend, tenant_id, inputs, (pending.id, pending.notes) if pending else None)
    except LanguageFailure as failure:
        raise problem_of(failure) from None
    except LookupError:
        return None


async def _stored(
    backend: Backend,
    actor: Principal,
    person_id: UUID,
    computed: ComputedPersona,
    pending: Pending | None,
    request: IdempotentRequest | None,
    *,
    force: bool,
    last_try: bool,
) -> tuple[int, bool] | None:
    """The number of the newest version and whether it is this one; None when the persona has to be computed again."""
    async with backend.database.transaction(actor.tenant_id) as connection:
        await held_person(connection, actor.tenant_id, person_id)
        standing = await personas_store.standing_persona(connection, actor.tenant_id, person_id)
        now = await personas_store.inputs_of(connection, actor.tenant_id, person_id)
        if now is None:
            raise no_such_person()
        found = verdict(computed, now, standing, forced=force, pending=pending is not None, last_try=last_try)
        if found is Verdict.AGAIN:
            return None
        if found is Verdict.UNCHANGED and standing is not None:
            await claim(connection, actor.tenant_id, actor.id, request, standing.id)
            return standing.version, False
        if pending is not None:
            await _store_pending(connection, actor, person_id, pending, computed)
        row_id = new_id()
        version = await personas_store.insert_persona(connection, actor.tenant_id, person_id, row_id, computed, standing, actor.id, clock.now())
        await claim(connection, actor.tenant_id, actor.id, request, pending.id if pending else row_id)
    COMPUTED.labels("rules" if computed.recipe.extractor == "rules" else "model").inc()
    return version, True


async def _store_pending(connection: Connection, actor: Principal, person_id: UUID, pending: Pending, computed: ComputedPersona) -> None:
    """Store the submission with its notes, unless a persona with this text was stored since it came in."""
    await refuse_own_persona(connection, actor.tenant_id, pending.raw_text)
    submission = await next_submission(connection, actor, person_id, pending.raw_text, pending.source, pending.id)
    tenant_id, recipe = actor.tenant_id, computed.recipe
    await store.insert_submissions(connection, tenant_id, person_id, [submission], submission.created_at)
    taken = [(pending.id, pending.notes)]
    await notes_store.insert_notes(connection, tenant_id, taken, recipe.extractor, recipe.notes_version, submission.created_at)
