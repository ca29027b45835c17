"""Writes of persons and submissions, one function per verb, each one transaction. None of them computes a persona."""

import hashlib
from collections.abc import Mapping
from uuid import UUID

from factbook import audit
from factbook.access import Principal, PrincipalKind, Scope, require_human, require_human_or_scope
from factbook.audit import ActorType, EventName
from factbook.database.pools import Connection, Database
from factbook.idempotency import IdempotentRequest, MadeBefore, claim
from factbook.identity import customer_with_id
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.persona import store
from factbook.persona.model import HeldPerson, NewPerson, Submission
from factbook.persona.rules import canonical_objects_in, demographics_changed, no_such_person, own_persona, person_event, time_of_submission


def require_person_writer(actor: Principal) -> None:
    """A 403 `scope_required` problem for a service that may not write persons. A human may."""
    require_human_or_scope(actor, Scope.PERSONS_WRITE, Scope.CUSTOMERS_WRITE)


async def create_person(database: Database, actor: Principal, person: NewPerson, request: IdempotentRequest | None) -> tuple[UUID, bool]:
    """The id of the person, and whether this call created it. Raises `scope_required` and `idempotency_key_reused`."""
    require_person_writer(actor)
    try:
        async with database.transaction(actor.tenant_id) as connection:
            await store.insert_person(connection, actor.tenant_id, person)
            await claim(connection, actor.tenant_id, actor.id, request, person.id)
    except MadeBefore as before:
        return before.resource_id, False
    return person.id, True


async def change_demographics(database: Database, actor: Principal, person_id: UUID, changes: Mapping[str, str | None]) -> None:
    """Set the demographics that are named and keep the others. The next persona heeds them. Raises `scope_required` and 404."""
    require_person_writer(actor)
    async with database.transaction(actor.tenant_id) as connection:
        held = await held_person(connection, actor.tenant_id, person_id)
        changed = demographics_changed(held.demographics, changes)
        if not changed:
            return
        now = clock.now()
        await store.change_demographics(connection, actor.tenant_id, person_id, {name: changes[name] for name in changed}, now)
        name, context = EventName.DEMOGRAPHICS_CHANGED, {"changed": changed}
        event = person_event(new_id(), name, person_id, actor.id, actor_type(actor), now, context=context)
        await audit.record(connection, actor.tenant_id, event)


async def assign_customer(database: Database, actor: Principal, person_id: UUID, customer_id: UUID | None, reason: str | None) -> None:
    """A human says which customer the person is, or that it is none. Raises `human_required`, and 404 for either that is not the tenant's."""
    require_human(actor)
    async with database.transaction(actor.tenant_id) as connection:
        held = await held_person(connection, actor.tenant_id, person_id)
        if customer_id is not None:
            await customer_with_id(connection, actor.tenant_id, str(customer_id))
        if held.customer_id == customer_id:
            return
        now = clock.now()
        await store.change_customer(connection, actor.tenant_id, person_id, customer_id, now)
        name, customers = EventName.PERSON_CUSTOMER_CHANGED, (held.customer_id, customer_id)
        event = person_event(new_id(), name, person_id, actor.id, ActorType.HUMAN, now, customers=customers, reason=reason)
        await audit.record(connection, actor.tenant_id, event)


async def submit(
    database: Database, actor: Principal, person_id: UUID, raw_text: str, source: str, request: IdempotentRequest | None
) -> tuple[UUID, bool]:
    """The id of the submission, and whether this call stored it. The person's persona is stale from then on, until it is regenerated.

    Raises `scope_required`, 404, `own_persona` and `idempotency_key_reused`.
    """
    require_person_writer(actor)
    try:
        async with database.transaction(actor.tenant_id) as connection:
            await held_person(connection, actor.tenant_id, person_id)
            await refuse_own_persona(connection, actor.tenant_id, raw_text)
            submission = await next_submission(connection, actor.tenant_id, actor.id, person_id, raw_text, source)
            await store.insert_submissions(connection, actor.tenant_id, person_id, [submission], submission.created_at)
            await claim(connection, actor.tenant_id, actor.id, request, submission.id)
    except MadeBefore as before:
        return before.resource_id, False
    return submission.id, True


async def held_person(connection: Connection, tenant_id: UUID, person_id: UUID) -> HeldPerson:
    """The person, locked until the transaction ends, else 404."""
    held = await store.hold_person(connection, tenant_id, person_id)
    if held is None:
        raise no_such_person()
    return held


async def next_submission(
    connection: Connection, tenant_id: UUID, actor_id: UUID, person_id: UUID, raw_text: str, source: str, data_id: UUID | None = None
) -> Submission:
    """The submission that comes after all others of a person whose row is locked."""
    at = time_of_submission(clock.now(), await store.last_submission_at(connection, tenant_id, person_id))
    return Submission(data_id or new_id(), raw_text, source, at, actor_id)


async def refuse_own_persona(connection: Connection, tenant_id: UUID, raw_text: str) -> None:
    """Raises `own_persona` for the JSON of a persona of the tenant, whoever's it is and however it is written."""
    found = canonical_objects_in(raw_text)
    if found and await store.persona_exists(connection, tenant_id, [hashlib.sha256(each).digest() for each in found]):
        raise own_persona("raw_text")


def actor_type(actor: Principal) -> ActorType:
    """How the audit trail calls the actor."""
    return ActorType.HUMAN if actor.kind is PrincipalKind.HUMAN else ActorType.SYSTEM
