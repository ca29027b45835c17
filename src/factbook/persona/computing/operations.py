"""Regenerating a persona, alone or together with a submission. A call that has no more time says so, and what it computed is not lost."""

from uuid import UUID

from factbook.access import Principal
from factbook.idempotency import IdempotentRequest, MadeBefore, made_before
from factbook.kernel.ids import new_id
from factbook.language import LanguageFailure
from factbook.persona.computing import personas_store
from factbook.persona.computing.backend import Backend, TookTooLongError, until
from factbook.persona.computing.finishing import left_to_finish
from factbook.persona.computing.input_rules import problem_of
from factbook.persona.computing.personas_queries import first_version_with, version_with_row_id
from factbook.persona.computing.regenerating import Pending, Wish, regenerated
from factbook.persona.computing.taking import notes_of
from factbook.persona.model import sha256_of
from factbook.persona.operations import refuse_own_persona, require_person_writer
from factbook.persona.rules import no_such_person


async def regenerate(
    backend: Backend, actor: Principal, person_id: UUID, *, force: bool, request: IdempotentRequest | None = None
) -> tuple[int, bool]:
    """The number of the newest version, and whether this call made it: unchanged inputs make none unless forced.

    Raises `scope_required`, 404, `person_without_data`, `model_unavailable`, `model_failed`, `persona_unfinished`, `person_changed_meanwhile` and
    `idempotency_key_reused`.
    """
    require_person_writer(actor)
    before = await _made_before(backend, actor, request)
    if before is None:
        try:
            return await _in_turn(backend, actor, Wish(actor.tenant_id, person_id, actor.id, None, request, force, backend.deadline()))
        except MadeBefore as made:
            before = made.resource_id
    async with backend.database.reading(actor.tenant_id) as connection:
        version = await version_with_row_id(connection, actor.tenant_id, before)
    if version is None:
        raise no_such_person()
    return version, False


async def submit_and_regenerate(
    backend: Backend,
    actor: Principal,
    person_id: UUID,
    raw_text: str,
    source: str,
    request: IdempotentRequest | None = None,
    *,
    deadline: float | None = None,
) -> tuple[UUID, int, bool]:
    """The submission's id, the number of the first version that knows it, and whether this call stored them: both, or neither.

    `deadline` is for a call that has begun before, by the event loop's clock. Raises as `regenerate`, and `own_persona`.
    """
    require_person_writer(actor)
    deadline = backend.deadline() if deadline is None else deadline
    before = await _made_before(backend, actor, request)
    if before is None:
        try:
            pending = await _pending(backend, actor, person_id, raw_text, source, deadline)
            version, _ = await _in_turn(backend, actor, Wish(actor.tenant_id, person_id, actor.id, pending, request, deadline=deadline))
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


async def _pending(backend: Backend, actor: Principal, person_id: UUID, raw_text: str, source: str, deadline: float | None) -> Pending:
    """The submission with its notes, nothing of it stored. What cannot be submitted costs no task."""
    async with backend.database.reading(actor.tenant_id) as connection:
        if await personas_store.inputs_of(connection, actor.tenant_id, person_id) is None:
            raise no_such_person()
        await refuse_own_persona(connection, actor.tenant_id, raw_text)
    try:
        async with until(deadline):
            notes = await notes_of(backend, raw_text)
    except LanguageFailure as failure:
        raise problem_of(failure) from None
    except TookTooLongError:
        raise await left_to_finish(backend, actor, [person_id]) from None
    return Pending(new_id(), raw_text, source, sha256_of(raw_text), notes)


async def _in_turn(backend: Backend, actor: Principal, wish: Wish) -> tuple[int, bool]:
    try:
        async with backend.turn(wish.tenant_id, wish.person_id, wish.deadline):
            return await regenerated(backend, wish)
    except LanguageFailure as failure:
        raise problem_of(failure) from None
    except TookTooLongError:
        raise await left_to_finish(backend, actor, [wish.person_id]) from None
