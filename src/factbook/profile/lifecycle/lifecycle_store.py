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

# By item table: which active items are due, and which have lost their source. A source is lost when there is no such row, or it was deleted.
_DUE = "i.status = 'active' AND i.deleted_at IS NULL AND i.expires_at <= $2"
_SOURCE_LOST = """
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


async def profiles_with_due_items(
    connection: Connection, tenant_id: UUID, profile_id: UUID | None, now: datetime, limit: int, *, of_items: int | None
) -> list[UUID]:
    """Up to `limit` profiles that hold items past their time, locked in the order of their ids; those that others hold are left for later.

    No more than `of_items` items of each kind are looked at; None: all.
    """
    return await _profiles_holding(connection, _DUE, tenant_id, profile_id, now, limit, of_items)


async def profiles_with_orphans(
    connection: Connection, tenant_id: UUID, profile_id: UUID | None, now: datetime, limit: int, *, of_items: int | None
) -> list[UUID]:
    """Up to `limit` profiles that hold items without their source, found and locked as above."""
    return await _profiles_holding(connection, _SOURCE_LOST, tenant_id, profile_id, now, limit, of_items)


async def expire(connection: Connection, tenant_id: UUID, profile_ids: list[UUID], now: datetime) -> list[ChangedItem]:
    """Mark what is past its time in these profiles, by the indexes `..._due`."""
    return await _mark(connection, "expired", _DUE, tenant_id, profile_ids, now)


async def orphan(connection: Connection, tenant_id: UUID, profile_ids: list[UUID], now: datetime) -> list[ChangedItem]:
    """Mark what has lost its source in these profiles, by the indexes `..._derived`."""
    return await _mark(connection, "orphaned", _SOURCE_LOST, tenant_id, profile_ids, now)


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


async def _profiles_holding(
    connection: Connection, condition: str, tenant_id: UUID, profile_id: UUID | None, now: datetime, limit: int, of_items: int | None
) -> list[UUID]:
    # A batch looks at no more items than it needs, so that many batches cost no more than one look at all of them.
    of_table = f"(SELECT i.profile_id FROM {{}} i WHERE i.tenant_id = $1 AND {condition} AND ($3::uuid IS NULL OR i.profile_id = $3) LIMIT $5)"
    holding = " UNION ".join(of_table.format(table) for table in TABLES.values())
    rows = await connection.fetch(
        f"""
        SELECT p.id FROM customer_profiles p WHERE p.tenant_id = $1 AND p.id IN ({holding}) ORDER BY p.id LIMIT $4 FOR UPDATE SKIP LOCKED
        """,
        tenant_id,
        now,
        profile_id,
        limit,
        of_items,
    )
    return [row["id"] for row in rows]


async def _mark(connection: Connection, status: str, condition: str, tenant_id: UUID, profile_ids: list[UUID], now: datetime) -> list[ChangedItem]:
    changed: list[ChangedItem] = []
    for item_type, table in TABLES.items():
        rows = await connection.fetch(
            f"""
            UPDATE {table} AS i SET status = '{status}' {_updated(item_type, "$2")}
            WHERE i.tenant_id = $1 AND i.profile_id = ANY($3) AND {condition} RETURNING {_returned(item_type)}
            """,
            tenant_id,
            now,
            profile_ids,
        )
        changed += _changed(item_type, rows)
    return changed


def _updated(item_type: ItemType, moment: str) -> str:
    """Fields say when they were changed last; assets do not."""
    return f", updated_at = {moment}" if item_type is ItemType.FIELD else ""


def _returned(item_type: ItemType) -> str:
    salted = "i.value_salt || coalesce(i.sealed_value, convert_to(i.value::text, 'UTF8'))" if item_type is ItemType.FIELD else "NULL::bytea"
    return f"i.profile_id, i.id, i.name, {salted} AS salted"


def _changed(item_type: ItemType, rows: list[asyncpg.Record]) -> list[ChangedItem]:
    return [ChangedItem(row["profile_id"], row["id"], item_type, row["name"], row["salted"]) for row in rows]
