"""Reads of audit events and heads. A page walks the primary key, or index `audit_events_of_conversation`, in the order of the chain."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import asyncpg

from factbook.audit.model import EventName, Head
from factbook.audit.rules import COLUMNS
from factbook.database.pools import Connection

# An instant outside the calendar of Python is nobody's but a tamperer's; it reads as none, and the hash tells.
_TIMESTAMP = "CASE WHEN timestamp >= '0001-01-02 00:00Z' AND timestamp < '9999-12-31 00:00Z' THEN timestamp END AS timestamp"
_ROW = f"{', '.join(_TIMESTAMP if column == 'timestamp' else column for column in COLUMNS)}, sequence, sha256"
_BATCH = 1000


async def event_page(
    connection: Connection, tenant_id: UUID, conversation_id: UUID | None, event_name: EventName | None, after: int, limit: int
) -> list[asyncpg.Record]:
    """Up to `limit` events after the one of this number, oldest first, of one conversation and one name where given."""
    of_conversation = "" if conversation_id is None else "AND conversation_id = $5"
    return await connection.fetch(
        f"""
        SELECT {_ROW} FROM audit_events
        WHERE tenant_id = $1 AND sequence > $2 AND ($3::text IS NULL OR event_name = $3) {of_conversation}
        ORDER BY sequence LIMIT $4
        """,
        tenant_id,
        after,
        event_name,
        limit,
        *([] if conversation_id is None else [conversation_id]),
    )


async def newest_events(connection: Connection, tenant_id: UUID, before: int | None, limit: int) -> list[asyncpg.Record]:
    """Up to `limit` events before the one of this number (None: the newest), newest first. By primary key."""
    return await connection.fetch(
        f"""
        SELECT {_ROW} FROM audit_events WHERE tenant_id = $1 AND ($2::bigint IS NULL OR sequence < $2) ORDER BY sequence DESC LIMIT $3
        """,
        tenant_id,
        before,
        limit,
    )


async def recorded_ids(connection: Connection, tenant_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Those of the ids that have an event."""
    rows = await connection.fetch("SELECT id FROM audit_events WHERE tenant_id = $1 AND id = ANY($2)", tenant_id, ids)
    return {row["id"] for row in rows}


async def every_event(connection: Connection, tenant_id: UUID) -> AsyncIterator[asyncpg.Record]:
    """The rows of all events by number, read in batches so that memory stays flat."""
    statement = f"SELECT {_ROW} FROM audit_events WHERE tenant_id = $1 ORDER BY sequence"
    async for row in connection.cursor(statement, tenant_id, prefetch=_BATCH):
        yield row


async def head_of_chain(connection: Connection, tenant_id: UUID) -> Head | None:
    """The head as it is stored; None before the first event."""
    row = await connection.fetchrow("SELECT last_sequence, last_sha256 FROM audit_heads WHERE tenant_id = $1", tenant_id)
    return Head(row["last_sequence"], row["last_sha256"]) if row else None
