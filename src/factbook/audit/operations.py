"""Records audit events, in the transaction of what they report. Losing one never undoes that: it can be restored, a lost link could not."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import structlog
from prometheus_client import Counter

from factbook.audit import store
from factbook.audit.model import Event
from factbook.audit.queries import recorded_ids
from factbook.database.pools import Connection

LOST = Counter("factbook_audit_events_lost_total", "Audit events that could not be recorded with what they report.", ["event_name"])

log = structlog.get_logger()


async def record(connection: Connection, tenant_id: UUID, event: Event) -> bool:
    """Whether the event was recorded. Whatever is wrong with it or with the audit trail (refused, gone, locked for long), the caller goes on.

    Afterwards the transaction's `lock_timeout` is the default. A connection that is lost takes the whole transaction with it, and raises.
    """
    await store.begin_part(connection)
    try:
        await store.append(connection, tenant_id, event)
    except (asyncpg.PostgresError, ValueError) as error:  # the latter: text or numbers that cannot be kept
        if connection.is_closed():
            raise
        await store.take_part_back(connection)
        LOST.labels(event.name).inc()
        log.error(
            "audit_event_lost", tenant_id=str(tenant_id), event_id=str(event.id), event_name=event.name, sqlstate=getattr(error, "sqlstate", None)
        )
        return False
    await store.end_part(connection)
    return True


async def record_all(connection: Connection, tenant_id: UUID, events: Sequence[Event]) -> bool:
    """Whether all of the events were recorded: all or none of them, in their order. Otherwise as `record`."""
    await store.begin_part(connection)
    try:
        await store.append_all(connection, tenant_id, events)
    except (asyncpg.PostgresError, ValueError) as error:
        if connection.is_closed():
            raise
        await store.take_part_back(connection)
        for name in {event.name for event in events}:
            lost = sum(event.name is name for event in events)
            LOST.labels(name).inc(lost)
            log.error("audit_events_lost", tenant_id=str(tenant_id), event_name=name, events=lost, sqlstate=getattr(error, "sqlstate", None))
        return False
    await store.end_part(connection)
    return True


async def restore(connection: Connection, tenant_id: UUID, events: Sequence[Event]) -> int:
    """Append those of the events that are not recorded, and tell how many. Of two who restore the same events one finds nothing left to do."""
    await store.hold_chain(connection, tenant_id)
    recorded = await recorded_ids(connection, tenant_id, [event.id for event in events])
    missing = {event.id: event for event in events if event.id not in recorded}
    for event in missing.values():
        await store.append(connection, tenant_id, event)
    return len(missing)
