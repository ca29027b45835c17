"""Erasing a person: by humans alone, at once and for good."""

from uuid import UUID

from factbook import audit
from factbook.access import Principal, require_human
from factbook.audit import ActorType, Event, EventName
from factbook.database.pools import Connection, Database
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.persona.erasing import store
from factbook.persona.erasing.model import Erasure
from factbook.persona.rules import no_such_person, person_event


async def erase_person(database: Database, actor: Principal, person_id: UUID) -> None:
    """Erase the person, every submission, note and persona, and the hashes of the requests they came in. Raises `human_required` and 404."""
    require_human(actor)
    async with database.transaction(actor.tenant_id) as connection:
        await erase_in_transaction(connection, actor, person_id)


async def erase_in_transaction(connection: Connection, actor: Principal, person_id: UUID) -> Erasure:
    """The same within a writing transaction of the caller's."""
    require_human(actor)
    erasure = await store.erase_person(connection, person_id, new_id(), actor.id, clock.now())
    if erasure is None:
        raise no_such_person()
    await audit.record(connection, actor.tenant_id, event_of(erasure))
    return erasure


def event_of(erasure: Erasure) -> Event:
    """The audit event of an erasure: it goes by the erasure's id, so that one erasure has one event."""
    counted = {"submissions": erasure.submissions, "personas": erasure.personas}
    name, human = EventName.PERSON_ERASED, ActorType.HUMAN
    return person_event(erasure.id, name, erasure.person_id, erasure.actor_id, human, erasure.created_at, context=counted)
