"""Looks customers up by the name of a person who is bound to them, by indexes `persons_by_first_name` and `persons_by_last_name`."""

from uuid import UUID

from factbook.database.pools import Connection
from factbook.kernel.patterns import beginning_pattern


async def customers_of_persons_named(connection: Connection, tenant_id: UUID, beginning: str, limit: int) -> list[UUID]:
    """Up to `limit` customers with a person whose first or last name begins so, in any case; the newest first."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT customer_id FROM (
            SELECT customer_id FROM persons WHERE tenant_id = $1 AND lower(first_name) LIKE $2 ESCAPE '\\' AND customer_id IS NOT NULL
            UNION ALL
            SELECT customer_id FROM persons WHERE tenant_id = $1 AND lower(last_name) LIKE $2 ESCAPE '\\' AND customer_id IS NOT NULL
        ) AS found ORDER BY customer_id DESC LIMIT $3
        """,
        tenant_id,
        beginning_pattern(beginning),
        limit,
    )
    return [row["customer_id"] for row in rows]
