"""Restores audit events that were lost when persons were erased, out of the erasures: exactly one for each that has none."""

from dataclasses import replace
from uuid import UUID

from factbook import audit
from factbook.database.pools import Database
from factbook.kernel import clock
from factbook.persona.erasing.operations import event_of
from factbook.persona.erasing.queries import erasures_after

_AT_ONCE = 1000


async def restore_erasure_events(database: Database, tenant_id: UUID) -> int:
    """How many events were missing, and are there now. Doing it again, or twice at a time, restores nothing twice."""
    restored, after = 0, None
    while True:
        async with database.reading(tenant_id) as connection:
            erasures = await erasures_after(connection, tenant_id, after, _AT_ONCE)
            recorded = await audit.recorded_ids(connection, tenant_id, [erasure.id for erasure in erasures])
        if not erasures:
            return restored
        at = {"restored_at": clock.format_instant(clock.now())}
        missing = [event_of(erasure) for erasure in erasures if erasure.id not in recorded]
        if missing:
            async with database.transaction(tenant_id) as connection:
                events = [replace(event, context={**event.context, **at}) for event in missing]
                restored += await audit.restore(connection, tenant_id, events)
        after = erasures[-1].id
