"""Reads of persons and submissions. How each is shown is a view of the database, so that lists and single rows look alike."""

from uuid import UUID

from factbook.database.pools import Connection
from factbook.persona.rules import no_such_person


async def person_document(connection: Connection, tenant_id: UUID, person_id: UUID) -> str:
    """The person as JSON text, else 404. One round trip, on a connection outside tenants."""
    document: str | None = await connection.fetchval("SELECT person_document($1, $2)", tenant_id, person_id)
    if document is None:
        raise no_such_person()
    return document


async def person_list(connection: Connection, tenant_id: UUID, limit: int, offset: int) -> tuple[str, int]:
    """A page of persons as a JSON array, newest first, and how many persons there are. By index `persons_newest`."""
    row = await connection.fetchrow(
        """
        SELECT (SELECT count(*) FROM persons WHERE tenant_id = $1) AS total,
               coalesce(json_agg(entry ORDER BY created_at DESC, id DESC), '[]') AS shown
        FROM persons_shown WHERE tenant_id = $1
            AND id IN (SELECT id FROM persons WHERE tenant_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3)
        """,
        tenant_id,
        limit,
        offset,
    )
    return (row["shown"], row["total"]) if row else ("[]", 0)


async def submission_list(connection: Connection, tenant_id: UUID, person_id: UUID, limit: int, offset: int) -> tuple[str, int]:
    """A page of the person's submissions as a JSON array, oldest first, and how many there are; else 404. By index `person_data_in_order`."""
    row = await connection.fetchrow(
        """
        SELECT p.person_data_count AS total, (
            SELECT coalesce(json_agg(entry ORDER BY created_at, id), '[]') FROM (
                SELECT * FROM person_data_shown WHERE tenant_id = $1 AND person_id = $2 ORDER BY created_at, id LIMIT $3 OFFSET $4
            ) AS page
        ) AS shown
        FROM persons p WHERE p.tenant_id = $1 AND p.id = $2
        """,
        tenant_id,
        person_id,
        limit,
        offset,
    )
    if row is None:
        raise no_such_person()
    return row["shown"], row["total"]


async def submission_document(connection: Connection, tenant_id: UUID, data_id: UUID) -> str:
    """The submission as JSON text; 404 when it was erased meanwhile."""
    document: str | None = await connection.fetchval("SELECT entry::text FROM person_data_shown WHERE tenant_id = $1 AND id = $2", tenant_id, data_id)
    if document is None:
        raise no_such_person()
    return document
