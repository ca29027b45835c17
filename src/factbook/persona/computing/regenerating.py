"""Makes a version: reads what there is, computes outside of any transaction, then stores under the lock of the person's row if it still fits."""

from dataclasses import dataclass
from uuid import UUID

from factbook.database.pools import Connection
from factbook.idempotency import IdempotentRequest, claim
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.persona import store
from factbook.persona.computing import notes_store, personas_store
from factbook.persona.computing.backend import Backend, until
from factbook.persona.computing.composing import computed_persona
from factbook.persona.computing.counting import COMPUTED
from factbook.persona.computing.input_rules import PERSON_WITHOUT_DATA, Verdict, input_sha256, verdict
from factbook.persona.computing.model import ComputedPersona, Inputs, Note, StandingPersona
from factbook.persona.computing.taking import take_missing_notes
from factbook.persona.operations import held_person, next_submission, refuse_own_persona
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


@dataclass(frozen=True, slots=True)
class Wish:
    """Of whom a version is wanted, by whom, with which submission that comes with it, and by when it has to be computed."""

    tenant_id: UUID
    person_id: UUID
    asked_by: UUID
    pending: Pending | None = None
    request: IdempotentRequest | None = None
    force: bool = False
    deadline: float | None = None


async def regenerated(backend: Backend, wish: Wish) -> tuple[int, bool]:
    """The number of the newest version, and whether this call made it.

    Raises a `LanguageFailure`, `TookTooLongError`, `MadeBefore`, 404, `person_without_data`, `own_persona` and `person_changed_meanwhile`.
    """
    for tries_left in reversed(range(TRIES)):
        inputs, standing = await _snapshot(backend, wish)
        if not inputs.submissions:
            raise PERSON_WITHOUT_DATA.because("There is nothing to compute a persona from: submit something first.")
        if standing is not None and standing.input_sha256 == input_sha256(inputs, backend.recipe) and not wish.force:
            await _claim_standing(backend, wish, standing)
            return standing.version, False
        computed = await _computed(backend, wish, inputs)
        if computed is None:
            continue
        version = await _stored(backend, wish, computed, last_try=not tries_left)
        if version is not None:
            return version
    raise no_such_person()  # each try found a submission gone: only an erasure does that


async def _snapshot(backend: Backend, wish: Wish) -> tuple[Inputs, StandingPersona | None]:
    async with backend.database.reading(wish.tenant_id) as connection:
        inputs = await personas_store.inputs_of(connection, wish.tenant_id, wish.person_id)
        standing = await personas_store.standing_persona(connection, wish.tenant_id, wish.person_id)
    if inputs is None:
        raise no_such_person()
    if wish.pending is not None:
        inputs = Inputs((*inputs.submissions, (wish.pending.id, wish.pending.text_sha256)), inputs.demographics)
    return inputs, standing


async def _claim_standing(backend: Backend, wish: Wish, standing: StandingPersona) -> None:
    if wish.request is not None:
        async with backend.database.transaction(wish.tenant_id) as connection:
            await claim(connection, wish.tenant_id, wish.asked_by, wish.request, standing.id)


async def _computed(backend: Backend, wish: Wish, inputs: Inputs) -> ComputedPersona | None:
    """The persona of these inputs; None when a submission was erased meanwhile."""
    pending = (wish.pending.id, wish.pending.notes) if wish.pending else None
    try:
        async with until(wish.deadline):
            await take_missing_notes(backend, wish.tenant_id, wish.person_id)
            return await computed_persona(backend, wish.tenant_id, inputs, pending)
    except LookupError:
        return None


async def _stored(backend: Backend, wish: Wish, computed: ComputedPersona, *, last_try: bool) -> tuple[int, bool] | None:
    """The number of the newest version and whether it is this one; None when the persona has to be computed again."""
    tenant_id, person_id, pending = wish.tenant_id, wish.person_id, wish.pending
    async with backend.database.transaction(tenant_id) as connection:
        await held_person(connection, tenant_id, person_id)
        standing = await personas_store.standing_persona(connection, tenant_id, person_id)
        now = await personas_store.inputs_of(connection, tenant_id, person_id)
        if now is None:
            raise no_such_person()
        found = verdict(computed, now, standing, forced=wish.force, pending=pending is not None, last_try=last_try)
        if found is Verdict.AGAIN:
            return None
        if found is Verdict.UNCHANGED and standing is not None:
            await claim(connection, tenant_id, wish.asked_by, wish.request, standing.id)
            return standing.version, False
        if pending is not None:
            await _store_pending(connection, wish, pending, computed)
        row_id = new_id()
        version = await personas_store.insert_persona(connection, tenant_id, person_id, row_id, computed, standing, wish.asked_by, clock.now())
        await claim(connection, tenant_id, wish.asked_by, wish.request, pending.id if pending else row_id)
    COMPUTED.labels("rules" if computed.recipe.extractor == "rules" else "model").inc()
    return version, True


async def _store_pending(connection: Connection, wish: Wish, pending: Pending, computed: ComputedPersona) -> None:
    """Store the submission with its notes, unless a persona with this text was stored since it came in."""
    tenant_id, recipe = wish.tenant_id, computed.recipe
    await refuse_own_persona(connection, tenant_id, pending.raw_text)
    submission = await next_submission(connection, tenant_id, wish.asked_by, wish.person_id, pending.raw_text, pending.source, pending.id)
    await store.insert_submissions(connection, tenant_id, wish.person_id, [submission], submission.created_at)
    taken = [(pending.id, pending.notes)]
    await notes_store.insert_notes(connection, tenant_id, taken, recipe.extractor, recipe.notes_version, submission.created_at)
