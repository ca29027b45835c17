"""The SQL of notes: taken once of each submission by each executor and version of its prompt, inserted and never changed."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

from factbook.database.pools import Connection
from factbook.persona.computing.document import json_of
from factbook.persona.computing.model import Note

_AT_ONCE = 50


async def submissions_without_notes(connection: Connection, tenant_id: UUID, person_id: UUID, extractor: str, version: str) -> list[UUID]:
    """The person's submissions, oldest first, of which this executor took no notes yet by this version."""
    rows = await connection.fetch(
        """
        SELECT d.id FROM person_data d
        WHERE d.tenant_id = $1 AND d.person_id = $2 AND NOT EXISTS (
            SELECT FROM persona_notes n WHERE n.tenant_id = d.tenant_id AND n.data_id = d.id AND n.extractor = $3 AND n.prompt_version = $4)
        ORDER BY d.created_at, d.id
        """,
        tenant_id,
        person_id,
        extractor,
        version,
    )
    return [row["id"] for row in rows]


async def submissions_and_unread(connection: Connection, tenant_id: UUID, person_id: UUID, extractor: str, version: str) -> tuple[int, int]:
    """How many submissions the person has, and of how many this executor took no notes yet by this version."""
    row = await connection.fetchrow(
        """
        SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (
            SELECT FROM persona_notes n WHERE n.tenant_id = d.tenant_id AND n.data_id = d.id AND n.extractor = $3 AND n.prompt_version = $4))
        FROM person_data d WHERE d.tenant_id = $1 AND d.person_id = $2
        """,
        tenant_id,
        person_id,
        extractor,
        version,
    )
    return (row[0], row[1]) if row else (0, 0)


async def texts_without_notes(
    connection: Connection, tenant_id: UUID, data_ids: Sequence[UUID], extractor: str, version: str
) -> list[tuple[UUID, str]]:
    """The submissions among these that are there and still have no notes, oldest first, with their texts. By primary keys."""
    rows = await connection.fetch(
        """
        SELECT d.id, d.raw_text FROM person_data d
        WHERE d.tenant_id = $1 AND d.id = ANY($2) AND NOT EXISTS (
            SELECT FROM persona_notes n WHERE n.tenant_id = d.tenant_id AND n.data_id = d.id AND n.extractor = $3 AND n.prompt_version = $4)
        ORDER BY d.created_at, d.id
        """,
        tenant_id,
        data_ids,
        extractor,
        version,
    )
    return [(row["id"], row["raw_text"]) for row in rows]


async def insert_notes(
    connection: Connection, tenant_id: UUID, taken: Sequence[tuple[UUID, Sequence[Note]]], extractor: str, version: str, now: datetime
) -> None:
    """Keep the notes of each submission. Those that somebody else was faster to keep stand; of one that was erased meanwhile nothing is kept."""
    await connection.executemany(
        """
        INSERT INTO persona_notes (tenant_id, data_id, extractor, prompt_version, notes, created_at)
        SELECT $1, id, $3, $4, $5, $6 FROM person_data WHERE tenant_id = $1 AND id = $2
        ON CONFLICT (tenant_id, data_id, extractor, prompt_version) DO NOTHING
        """,
        [(tenant_id, data_id, extractor, version, json_of([note.as_json() for note in notes]), now) for data_id, notes in taken],
    )


async def notes_in_order(
    connection: Connection, tenant_id: UUID, data_ids: Sequence[UUID], extractor: str, version: str
) -> AsyncIterator[tuple[UUID, list[Note]]]:
    """Each of these submissions, in this order, with its notes. Read in batches, so that memory stays flat."""
    statement = """
        SELECT d.id, n.notes FROM unnest($2::uuid[]) WITH ORDINALITY AS wanted (id, place)
        JOIN person_data d ON d.tenant_id = $1 AND d.id = wanted.id
        JOIN persona_notes n ON n.tenant_id = $1 AND n.data_id = d.id AND n.extractor = $3 AND n.prompt_version = $4
        ORDER BY wanted.place
    """
    async for row in connection.cursor(statement, tenant_id, data_ids, extractor, version, prefetch=_AT_ONCE):
        yield row["id"], [Note.read(kept) for kept in json.loads(row["notes"])]
