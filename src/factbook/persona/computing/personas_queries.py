"""Reads of personas. How one is shown is a view of the database."""

from uuid import UUID

from factbook.database.pools import Connection
from factbook.kernel.problems import NOT_FOUND
from factbook.persona.rules import no_such_person


async def persona_document(connection: Connection, tenant_id: UUID, person_id: UUID, version: int | None, *, history: bool = False) -> str:
    """A version as JSON text, the newest without a number; with its submissions where `history`. 404 for a person or version that is not there.

    One round trip, on a connection outside tenants.
    """
    row = await connection.fetchrow("SELECT known, document FROM persona_document($1, $2, $3, $4)", tenant_id, person_id, version, history)
    if row is None:
        raise no_such_person()
    if row["document"] is None:
        raise NOT_FOUND.because("No persona was computed of the person yet." if version is None else "The person has no such version of a persona.")
    document: str = row["document"]
    return document


async def persona_list(connection: Connection, tenant_id: UUID, person_id: UUID, limit: int, offset: int) -> tuple[str, int]:
    """A page of the person's versions as a JSON array, newest first, and how many there are; else 404. By primary key."""
    row = await connection.fetchrow(
        """
        SELECT coalesce((SELECT max(version) FROM personas v WHERE v.tenant_id = $1 AND v.person_id = $2), 0) AS total, (
            SELECT coalesce(json_agg(entry ORDER BY version DESC), '[]') FROM (
                SELECT version, entry FROM personas_shown WHERE tenant_id = $1 AND person_id = $2 ORDER BY version DESC LIMIT $3 OFFSET $4
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


async def version_with_row_id(connection: Connection, tenant_id: UUID, row_id: UUID) -> int | None:
    """The number of the version that goes by this id of its row."""
    version: int | None = await connection.fetchval("SELECT version FROM personas WHERE tenant_id = $1 AND id = $2", tenant_id, row_id)
    return version


async def first_version_with(connection: Connection, tenant_id: UUID, person_id: UUID, data_id: UUID) -> int | None:
    """The number of the first version that was computed from this submission."""
    version: int | None = await connection.fetchval(
        "SELECT min(version) FROM personas WHERE tenant_id = $1 AND person_id = $2 AND $3 = ANY(computed_from_data_ids)",
        tenant_id,
        person_id,
        data_id,
    )
    return version
