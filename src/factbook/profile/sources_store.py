"""The SQL that asks what items come from each other: whether a source is there, and who holds what was derived from it."""

from uuid import UUID

from factbook.database.pools import Connection
from factbook.profile.model import ItemType

TABLES = {ItemType.FIELD: "profile_fields", ItemType.ASSET: "profile_assets"}


async def profiles_of_dependents(connection: Connection, tenant_id: UUID, item_id: UUID) -> list[UUID]:
    """The profiles that hold something derived from the item; none when nothing was."""
    rows = await connection.fetch(
        """
        SELECT profile_id FROM profile_fields WHERE tenant_id = $1 AND source_item_id = $2 AND source_item_type = ANY($3) AND deleted_at IS NULL
        UNION SELECT profile_id FROM profile_assets WHERE tenant_id = $1 AND source_item_id = $2 AND source_item_type = ANY($3) AND deleted_at IS NULL
        """,
        tenant_id,
        item_id,
        list(ItemType),
    )
    return [row["profile_id"] for row in rows]


async def held_source(connection: Connection, tenant_id: UUID, item_id: UUID, item_type: ItemType) -> bool:
    """Whether the tenant has such an item. It is not deleted before the transaction ends, so whoever deletes it sees what was derived from it."""
    found = await connection.fetchval(
        f"SELECT true FROM {TABLES[item_type]} WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL FOR SHARE", tenant_id, item_id
    )
    return found is not None


async def hold_item(connection: Connection, tenant_id: UUID, item_id: UUID, item_type: ItemType) -> None:
    """Let nobody derive anything from the item until the transaction ends, and wait for those who are at it."""
    await connection.execute(f"SELECT FROM {TABLES[item_type]} WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tenant_id, item_id)
