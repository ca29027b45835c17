"""Restores audit events that were lost when links were changed, out of the history of links: exactly one for each change that has none."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from uuid import UUID

from factbook import audit
from factbook.conversations.linking.model import LinkChange
from factbook.conversations.linking.queries import link_changes_by_id
from factbook.conversations.linking.rules import event_of
from factbook.database.pools import Database
from factbook.kernel import clock

_CHANGES_AT_ONCE = 1000


async def restore_audit_events(database: Database, tenant_id: UUID) -> int:
    """How many events were missing, and are there now. Doing it again, or twice at a time, restores nothing twice.

    A restored event says in its context when it was restored; everything else of it is what the change was.
    """
    restored = 0
    async for changes in _batches(database, tenant_id):
        async with database.reading(tenant_id) as connection:
            recorded = await audit.recorded_ids(connection, tenant_id, [change.id for change in changes])
        missing = [change for change in changes if change.id not in recorded]
        if missing:
            context = {"restored_at": clock.format_instant(clock.now())}
            events = [replace(event_of(change), context=context) for change in missing]
            async with database.transaction(tenant_id) as connection:
                restored += await audit.restore(connection, tenant_id, events)
    return restored


async def _batches(database: Database, tenant_id: UUID) -> AsyncIterator[Sequence[LinkChange]]:
    after: UUID | None = None
    while True:
        async with database.reading(tenant_id) as connection:
            changes = await link_changes_by_id(connection, tenant_id, after, _CHANGES_AT_ONCE)
        if not changes:
            return
        yield changes
        after = changes[-1].id
