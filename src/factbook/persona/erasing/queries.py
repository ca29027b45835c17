"""Reads of erasures."""

from uuid import UUID

from factbook.database.pools import Connection
from factbook.persona.erasing.model import Erasure


async def erasures_after(connection: Connection, tenant_id: UUID, after: UUID | None, limit: int) -> list[Erasure]:
    """Up to `limit` erasures of the tenant after the one with this id, by id: about the order in which they were made."""
    rows = await connection.fetch(
        """
        SELECT id, person_id, actor_id, submissions, personas, created_at FROM person_erasures
        WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3
        """,
        tenant_id,
        after,
        limit,
    )
    return [Erasure(**row) for row in rows]
