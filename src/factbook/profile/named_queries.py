"""Looks customers up by a name that stands in their profile, by index `profile_fields_by_name_of_customer`. Sealed values are found by nobody."""

from uuid import UUID

from factbook.database.pools import Connection
from factbook.kernel.patterns import beginning_pattern

# The same list is in the index; a field outside it is not looked at.
NAMES = ("name", "full_name", "customer_name", "first_name", "last_name", "company", "company_name")
_LIST = ", ".join(f"'{name}'" for name in NAMES)


async def customers_named(connection: Connection, tenant_id: UUID, beginning: str, limit: int) -> list[UUID]:
    """Up to `limit` customers whose name begins so, in any case; the newest first."""
    rows = await connection.fetch(
        f"""
        SELECT DISTINCT p.customer_id FROM profile_fields f JOIN customer_profiles p ON p.tenant_id = f.tenant_id AND p.id = f.profile_id
        WHERE f.tenant_id = $1 AND lower(left(f.value #>> '{{}}', 200)) LIKE $2 ESCAPE '\\'
            AND f.status = 'active' AND f.deleted_at IS NULL AND f.value_type = 'string' AND f.name IN ({_LIST}) AND p.deleted_at IS NULL
        ORDER BY p.customer_id DESC LIMIT $3
        """,
        tenant_id,
        beginning_pattern(beginning),
        limit,
    )
    return [row["customer_id"] for row in rows]
