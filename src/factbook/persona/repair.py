"""Restores audit events that were lost when persons were erased or merged, out of what was recorded of that: exactly one for each that has none."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from factbook import audit
from factbook.audit import Event
from factbook.database.pools import Connection, Database
from factbook.kernel import clock
from factbook.persona.erasing import operations as erasing
from factbook.persona.erasing.model import Erasure
from factbook.persona.erasing.queries import erasures_after
from factbook.persona.merging import merging_rules as merging
from factbook.persona.merging.merging_queries import merges_after
from factbook.persona.merging.model import Merge

_AT_ONCE = 1000
Recorded = TypeVar("Recorded", Erasure, Merge)


async def restore_person_events(database: Database, tenant_id: UUID) -> int:
    """How many events were missing, and are there now. Doing it again, or twice at a time, restores nothing twice."""
    erased = await _restored(database, tenant_id, erasures_after, erasing.event_of)
    return erased + await _restored(database, tenant_id, merges_after, merging.event_of)


async def _restored(
    database: Database,
    tenant_id: UUID,
    recorded_after: Callable[[Connection, UUID, UUID | None, int], Awaitable[Sequence[Recorded]]],
    event_of: Callable[[Recorded], Event],
) -> int:
    restored, after = 0, None
    while True:
        async with database.reading(tenant_id) as connection:
            recorded = await recorded_after(connection, tenant_id, after, _AT_ONCE)
            told = await audit.recorded_ids(connection, tenant_id, [each.id for each in recorded])
        if not recorded:
            return restored
        at = {"restored_at": clock.format_instant(clock.now())}
        missing = [event_of(each) for each in recorded if each.id not in told]
        if missing:
            async with database.transaction(tenant_id) as connection:
                events = [replace(event, context={**event.context, **at}) for event in missing]
                restored += await audit.restore(connection, tenant_id, events)
        after = recorded[-1].id
