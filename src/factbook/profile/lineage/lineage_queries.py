"""Reads of lineage. A chain is one recursive statement over fields and assets, behind the tenant's wall and by primary keys at each step."""

import json
from dataclasses import dataclass
from uuid import UUID

from factbook.database.pools import Connection
from factbook.profile.fields.fields_store import SHOWN, KeptField, kept_field
from factbook.profile.lineage_rules import MAX_CHAIN
from factbook.profile.model import ChainLink, DerivationChain, ItemType, ProfileAsset, SourceType

# Recursion joins the union of both tables once; PostgreSQL allows the recursive term no more than one mention of itself. `path` ends circles, which
# writing refuses but a damaged table may hold. One step more than is shown tells whether there is more. The item's id and type are looked up once.
_CHAIN = """
    WITH RECURSIVE chain AS (
        SELECT 1 AS step, i.*, ARRAY[i.id] AS path FROM ({start}) AS i
        UNION ALL
        SELECT c.step + 1, i.*, c.path || i.id
        FROM chain c CROSS JOIN LATERAL ({next}) AS i
        WHERE c.step <= {shown} AND c.source_item_id IS NOT NULL AND NOT i.id = ANY(c.path)
    )
    SELECT id, type, name, source_metadata FROM chain ORDER BY step DESC
"""
_FIELD = """
    SELECT f.id, 'profile_field' AS type, f.name, f.source_metadata::text AS source_metadata, f.source_item_id, f.source_item_type
    FROM profile_fields f WHERE f.tenant_id = $1 AND f.deleted_at IS NULL AND f.id = {id}
"""
_ASSET = """
    SELECT a.id, 'profile_asset', a.name, '{{}}', a.source_item_id, a.source_item_type
    FROM profile_assets a WHERE a.tenant_id = $1 AND a.deleted_at IS NULL AND a.id = {id}
"""
_START = (
    f"{_FIELD.format(id='$2')} AND $3 IS DISTINCT FROM 'profile_asset' UNION ALL {_ASSET.format(id='$2')} AND $3 IS DISTINCT FROM 'profile_field'"
)
_NEXT = (
    f"{_FIELD.format(id='c.source_item_id')} AND c.source_item_type = 'profile_field' "
    f"UNION ALL {_ASSET.format(id='c.source_item_id')} AND c.source_item_type = 'profile_asset'"
)
_STATEMENT = _CHAIN.format(start=_START.replace("$3", "$3::text"), next=_NEXT, shown=MAX_CHAIN)


@dataclass(frozen=True, slots=True)
class ItemSource:
    """Whose item something is, and what it came out of, as far as that is said."""

    customer_id: UUID
    type: SourceType | None
    id: UUID | None


async def derivation_chain(connection: Connection, tenant_id: UUID, item_id: UUID, item_type: ItemType | None) -> DerivationChain | None:
    """The chain of the item, root first; None when there is no such item. It begins where a source is nothing of ours."""
    rows = await connection.fetch(_STATEMENT, tenant_id, item_id, item_type)
    if not rows:
        return None
    links = [ChainLink(id=row["id"], type=row["type"], name=row["name"], source_metadata=json.loads(row["source_metadata"])) for row in rows]
    return DerivationChain(items=links[-MAX_CHAIN:], truncated=len(links) > MAX_CHAIN)


async def derived_fields(connection: Connection, tenant_id: UUID, source_item_id: UUID) -> list[KeptField]:
    """The fields that were derived from the item directly, by index `profile_fields_derived`."""
    rows = await connection.fetch(
        f"SELECT {SHOWN} FROM profile_fields_shown WHERE tenant_id = $1 AND source_item_id = $2 AND source_item_type = ANY($3) ORDER BY id",
        tenant_id,
        source_item_id,
        list(ItemType),
    )
    return [kept_field(row) for row in rows]


async def derived_assets(connection: Connection, tenant_id: UUID, source_item_id: UUID) -> list[ProfileAsset]:
    """The assets that were derived from the item directly, by index `profile_assets_derived`."""
    rows = await connection.fetch(
        """
        SELECT entry::text AS entry FROM profile_assets_shown
        WHERE tenant_id = $1 AND source_item_id = $2 AND source_item_type = ANY($3) ORDER BY id
        """,
        tenant_id,
        source_item_id,
        list(ItemType),
    )
    return [ProfileAsset.model_validate_json(row["entry"]) for row in rows]


async def source_of_item(connection: Connection, tenant_id: UUID, item_id: UUID) -> ItemSource | None:
    """Whose the item is and what it came out of; None when there is no such item. By primary keys."""
    row = await connection.fetchrow(
        """
        SELECT p.customer_id, item.source_item_type AS type, item.source_item_id AS id FROM (
            SELECT profile_id, source_item_type, source_item_id FROM profile_fields WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL
            UNION ALL
            SELECT profile_id, source_item_type, source_item_id FROM profile_assets WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL
        ) AS item JOIN customer_profiles p ON p.tenant_id = $1 AND p.id = item.profile_id
        """,
        tenant_id,
        item_id,
    )
    return ItemSource(row["customer_id"], SourceType(row["type"]) if row["type"] else None, row["id"]) if row else None


async def item_exists(connection: Connection, tenant_id: UUID, item_id: UUID) -> bool:
    """Whether the id is a field's or an asset's, by primary keys."""
    exists: bool = await connection.fetchval(
        """
        SELECT EXISTS (SELECT FROM profile_fields WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL)
            OR EXISTS (SELECT FROM profile_assets WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL)
        """,
        tenant_id,
        item_id,
    )
    return exists
