"""Which fields hold what is personal, as definitions say."""

from collections.abc import Sequence
from uuid import UUID

from factbook.database.pools import Connection


async def personal_names(connection: Connection, tenant_id: UUID, names: Sequence[str]) -> set[str]:
    """Those of the names that a definition of any agent, enabled or not, calls personal or has sealed. By index `definitions_of_name`."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT name FROM profile_field_definitions
        WHERE tenant_id = $1 AND name = ANY($2) AND deleted_at IS NULL AND (is_pii OR encryption_required)
        """,
        tenant_id,
        names,
    )
    return {row["name"] for row in rows}
