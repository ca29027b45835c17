"""Puts on record who looked at personal values, before they are shown."""

from collections.abc import Sequence
from uuid import UUID

from factbook.access import Principal, require_human
from factbook.audit import ActorType, Event, EventName, record
from factbook.database.pools import Database
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.kernel.problems import ProblemKind

UNMASKING_NOT_RECORDED = ProblemKind("unmasking_not_recorded", 503, "Personal values cannot be shown")


async def record_unmasking(database: Database, viewer: Principal, customer_id: UUID, names: Sequence[str]) -> None:
    """Record that a human is shown the values of these fields of a customer.

    Raises `human_required`, and `unmasking_not_recorded`: nothing may be shown then.
    """
    require_human(viewer)
    event = Event(
        id=new_id(),
        name=EventName.VALUES_SHOWN,
        conversation_id=None,
        actor_type=ActorType.HUMAN,
        actor_id=viewer.id,
        timestamp=clock.now(),
        previous_customer_id=None,
        new_customer_id=customer_id,
        reason=None,
        context={"fields": list(names)},
    )
    async with database.transaction(viewer.tenant_id) as connection:
        is_recorded = await record(connection, viewer.tenant_id, event)
    if not is_recorded:
        raise UNMASKING_NOT_RECORDED.because("Who looks at personal values is put on record, and that was not possible just now.")
