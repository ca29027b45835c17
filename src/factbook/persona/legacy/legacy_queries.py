"""Reads of the older interface. How a persona is shown is a view of the database, so that lists, searches and single ones look alike."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import asyncpg

from factbook.database.pools import Connection
from factbook.persona.rules import no_such_person

# Seed 004, section 12: a search looks at the newest ones.
_MOST_SEARCHED = 1000
_AT_ONCE = 50
_NEWEST = "SELECT id FROM persons WHERE tenant_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2"


async def person_of(connection: Connection, tenant_id: UUID, legacy_id: UUID) -> UUID:
    """The person who goes by this id in the older interface, or by it as a person's own; else 404. By primary and unique key."""
    person_id: UUID | None = await connection.fetchval(
        "SELECT id FROM persons WHERE tenant_id = $1 AND (persona_id = $2 OR id = $2) ORDER BY persona_id = $2 DESC LIMIT 1", tenant_id, legacy_id
    )
    if person_id is None:
        raise no_such_person()
    return person_id


async def legacy_document(connection: Connection, tenant_id: UUID, person_id: UUID) -> str:
    """The persona as JSON text; 404 when the person was erased meanwhile."""
    document: str | None = await connection.fetchval(
        "SELECT entry::text FROM legacy_personas_shown WHERE tenant_id = $1 AND person_id = $2", tenant_id, person_id
    )
    if document is None:
        raise no_such_person()
    return document


async def legacy_documents(connection: Connection, tenant_id: UUID, person_ids: list[UUID]) -> str:
    """The personas of these persons as a JSON array, in this order."""
    documents: str = await connection.fetchval(
        """
        SELECT coalesce(json_agg(s.entry ORDER BY wanted.place), '[]') FROM unnest($2::uuid[]) WITH ORDINALITY AS wanted (id, place)
        JOIN legacy_personas_shown s ON s.tenant_id = $1 AND s.person_id = wanted.id
        """,
        tenant_id,
        person_ids,
    )
    return documents


async def legacy_list(connection: Connection, tenant_id: UUID, limit: int, offset: int) -> tuple[str, int]:
    """A page of personas as a JSON array, newest first, and how many persons there are. By index `persons_newest`."""
    row = await connection.fetchrow(
        f"""
        SELECT (SELECT count(*) FROM persons WHERE tenant_id = $1) AS total,
               coalesce(json_agg(entry ORDER BY created_at DESC, person_id DESC), '[]') AS shown
        FROM legacy_personas_shown WHERE tenant_id = $1 AND person_id IN ({_NEWEST} OFFSET $3)
        """,
        tenant_id,
        limit,
        offset,
    )
    return (row["shown"], row["total"]) if row else ("[]", 0)


async def legacy_search(connection: Connection, tenant_id: UUID, wanted: str, limit: int) -> str:
    """Up to `limit` of the newest personas that hold the text, in whatever case, as a JSON array, newest first. By index `persons_newest`."""
    found: str = await connection.fetchval(
        f"""
        SELECT coalesce(json_agg(entry ORDER BY created_at DESC, person_id DESC), '[]') FROM (
            SELECT entry, created_at, person_id FROM legacy_personas_shown
            WHERE tenant_id = $1 AND person_id IN ({_NEWEST}) AND EXISTS (
                SELECT FROM unnest(ARRAY[raw_text, persona #>> '{{meta,name}}', persona #>> '{{meta,role}}', persona #>> '{{meta,location}}',
                                         persona #>> '{{identity,core_description}}']) AS looked_through (text)
                WHERE strpos(lower(text), lower($3)) > 0)
            ORDER BY created_at DESC, person_id DESC LIMIT $4
        ) AS found
        """,
        tenant_id,
        _MOST_SEARCHED,
        wanted,
        limit,
    )
    return found


async def legacy_stats(connection: Connection, tenant_id: UUID) -> tuple[int, datetime | None, datetime | None]:
    """How many persons there are, and when the first and the last of them was created."""
    row = await connection.fetchrow("SELECT count(*), min(created_at), max(created_at) FROM persons WHERE tenant_id = $1", tenant_id)
    return tuple(row) if row else (0, None, None)


async def legacy_export(connection: Connection, tenant_id: UUID, limit: int) -> AsyncIterator[str]:
    """Each of the newest personas as JSON text. Read in batches, so that memory stays flat."""
    statement = "SELECT entry::text FROM legacy_personas_shown WHERE tenant_id = $1 ORDER BY created_at DESC, person_id DESC LIMIT $2"
    record: asyncpg.Record
    async for record in connection.cursor(statement, tenant_id, limit, prefetch=_AT_ONCE):
        yield record[0]
