"""Reads of merges."""

from uuid import UUID

from factbook.database.pools import Connection
from factbook.persona.merging.model import Merge


async def merges_after(connection: Connection, tenant_id: UUID, after: UUID | None, limit: int) -> list[Merge]:
    """Up to `limit` merges of the tenant after the one with this id, by id: about the order in which they were made."""
    rows = await connection.fetch(
        """
        SELECT id, person_id, merged_person_id, actor_id, submissions, created_at FROM person_merges
        WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3
        """,
        tenant_id,
        after,
        limit,
    )
    return [Merge(**row) for row in rows]
