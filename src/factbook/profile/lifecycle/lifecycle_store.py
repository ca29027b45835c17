"""The SQL of expiry, orphaning and deletion: one statement per table for any number of items, which tells what it changed.

Callers hold the profiles whose items they change. Whoever locks a profile row always does so before touching its items.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from factbook.database.pools import Connection
from factbook.profile.model import ItemType
from factbook.profile.sources_store import TABLES

# Which active items `i` are due at $2, and which have lost their source. A source is lost when there is no such row, or it was deleted.
DUE = "i.status = 'active' AND i.deleted_at IS NULL AND i.expires_at <= $2"
SOURCE_LOST = """
    i.status = 'active' AND i.deleted_at IS NULL AND i.source_item_id IS NOT NULL AND (
        i.source_item_type = 'profile_field' AND NOT EXISTS
            (SELECT FROM profile_fields s WHERE s.tenant_id = $1 AND s.id = i.source_item_id AND s.deleted_at IS NULL)
        OR i.source_item_type = 'profile_asset' AND NOT EXISTS
            (SELECT FROM profile_assets s WHERE s.tenant_id = $1 AND s.id = i.source_item_id AND s.deleted_at IS NULL)
    ) AND $2::timestamptz IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class ChangedItem:
    """An item whose status changed; `salted` is what its value is hashed from, None for an asset."""

    profile_id: UUID
    id: UUID
    item_type: ItemType
    name: str
    salted: bytes | None


async def hold_profiles(connection: Connection, tenant_id: UUID, profile_ids: list[UUID]) -> list[UUID]:
    """Those of the profiles that nobody else holds just now, locked in the order of their ids; the others are left for later."""
    rows = await connection.fetch(
        "SELECT id FROM customer_profiles WHERE tenant_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE SKIP LOCKED", tenant_id, profile_ids
    )
    return [row["id"] for row in rows]


async def expire(
    connection: Connection, tenant_id: UUID, item_type: ItemType, item_ids: list[UUID], profile_ids: list[UUID], now: datetime
) -> list[ChangedItem]:
    """Mark those of the items that are past their time, in these profiles."""
    return await _mark(connection, "expired", DUE, tenant_id, item_type, item_ids, profile_ids, now)


async def orphan(
    connection: Connection, tenant_id: UUID, item_type: ItemType, item_ids: list[UUID], profile_ids: list[UUID], now: datetime
) -> list[ChangedItem]:
    """Mark those of the items that have lost their source, in these profiles."""
    return await _mark(connection, "orphaned", SOURCE_LOST, tenant_id, item_type, item_ids, profile_ids, now)


async def orphan_children(connection: Connection, tenant_id: UUID, source_id: UUID, now: datetime) -> list[ChangedItem]:
    """Mark the active items that were derived from this one directly, in whatever profile. For callers that hold these profiles."""
    changed: list[ChangedItem] = []
    for item_type in TABLES:
        rows = await connection.fetch(
            f"""
            UPDATE {TABLES[item_type]} AS i SET status = 'orphaned' {_updated(item_type, "$3")}
            WHERE i.tenant_id = $1 AND i.source_item_id = $2 AND i.source_item_type = ANY($4) AND i.status = 'active' AND i.deleted_at IS NULL
              AND $3::timestamptz IS NOT NULL
            RETURNING {_returned(item_type)}
            """,
            tenant_id,
            source_id,
            now,
            list(ItemType),
        )
        changed += _changed(item_type, rows)
    return changed


async def mark_deleted(connection: Connection, tenant_id: UUID, item_type: ItemType, item_id: UUID, now: datetime) -> None:
    """Take the item out of sight."""
    await connection.execute(f"UPDATE {TABLES[item_type]} SET deleted_at = $3 WHERE tenant_id = $1 AND id = $2", tenant_id, item_id, now)


async def mark_all_deleted(connection: Connection, tenant_id: UUID, profile_id: UUID, now: datetime) -> None:
    """Take everything that the profile holds out of sight."""
    for table in TABLES.values():
        await connection.execute(
            f"UPDATE {table} SET deleted_at = $3 WHERE tenant_id = $1 AND profile_id = $2 AND deleted_at IS NULL", tenant_id, profile_id, now
        )


async def _mark(
    connection: Connection,
    status: str,
    condition: str,
    tenant_id: UUID,
    item_type: ItemType,
    item_ids: list[UUID],
    profile_ids: list[UUID],
    now: datetime,
) -> list[ChangedItem]:
    rows = await connection.fetch(
        f"""
        UPDATE {TABLES[item_type]} AS i SET status = '{status}' {_updated(item_type, "$2")}
        WHERE i.tenant_id = $1 AND i.id = ANY($3) AND i.profile_id = ANY($4) AND {condition} RETURNING {_returned(item_type)}
        """,
        tenant_id,
        now,
        item_ids,
        profile_ids,
    )
    return _changed(item_type, rows)


def _updated(item_type: ItemType, moment: str) -> str:
    """Fields say when they were changed last; assets do not."""
    return f", updated_at = {moment}" if item_type is ItemType.FIELD else ""


def _returned(item_type: ItemType) -> str:
    salted = "i.value_salt || coalesce(i.sealed_value, convert_to(i.value::text, 'UTF8'))" if item_type is ItemType.FIELD else "NULL::bytea"
    return f"i.profile_id, i.id, i.name, {salted} AS salted"


def _changed(item_type: ItemType, rows: list[asyncpg.Record]) -> list[ChangedItem]:
    return [ChangedItem(row["profile_id"], row["id"], item_type, row["name"], row["salted"]) for row in rows]
