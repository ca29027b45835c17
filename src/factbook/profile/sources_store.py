"""The SQL that asks what items come from each other: whether a source is there, and who holds what was derived from it."""

from uuid import UUID

from factbook.database.pools import Connection
from factbook.profile.model import ItemType


async def profiles_of_dependents(connection: Connection, tenant_id: UUID, item_id: UUID) -> list[UUID]:
    """The profiles that hold something derived from the item; none when nothing was."""
    rows = await connection.fetch(
        """
        SELECT profile_id FROM profile_fields WHERE tenant_id = $1 AND source_item_id = $2 AND deleted_at IS NULL
        UNION SELECT profile_id FROM profile_assets WHERE tenant_id = $1 AND source_item_id = $2 AND deleted_at IS NULL
        """,
        tenant_id,
        item_id,
    )
    return [row["profile_id"] for row in rows]


async def item_exists(connection: Connection, tenant_id: UUID, item_id: UUID, item_type: ItemType) -> bool:
    """Whether the tenant has such an item."""
    table = {ItemType.FIELD: "profile_fields", ItemType.ASSET: "profile_assets"}[item_type]
    exists: bool = await connection.fetchval(
        f"SELECT EXISTS (SELECT FROM {table} WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL)", tenant_id, item_id
    )
    return exists
