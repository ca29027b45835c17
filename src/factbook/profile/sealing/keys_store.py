"""All SQL of customers' wrapped keys. Look-ups use the primary key and the unique key of the customer, which start with the tenant."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from factbook.database.pools import Connection
from factbook.profile.sealing.model import WrappedKey

_COLUMNS = "id, wrapped_key, master_key_id"


async def insert_key(connection: Connection, tenant_id: UUID, customer_id: UUID, key: WrappedKey, created_at: datetime) -> None:
    """Insert the key unless the customer has one. Waits for a racing insertion to end."""
    await connection.execute(
        """
        INSERT INTO customer_keys (tenant_id, id, customer_id, wrapped_key, master_key_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (tenant_id, customer_id) DO NOTHING
        """,
        tenant_id,
        key.id,
        customer_id,
        key.wrapped,
        key.master_key_id,
        created_at,
    )


async def key_of_customer(connection: Connection, tenant_id: UUID, customer_id: UUID) -> WrappedKey | None:
    """The customer's key, where there is one."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM customer_keys WHERE tenant_id = $1 AND customer_id = $2", tenant_id, customer_id)
    return _key(row) if row else None


async def keys_by_id(connection: Connection, tenant_id: UUID, ids: Iterable[UUID]) -> list[WrappedKey]:
    """The keys with these ids; one that is not there is left out."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM customer_keys WHERE tenant_id = $1 AND id = ANY($2)", tenant_id, list(ids))
    return [_key(row) for row in rows]


async def lock_keys_under_others(connection: Connection, tenant_id: UUID, master_key_id: str, after: UUID, limit: int) -> list[WrappedKey]:
    """Up to `limit` keys, by id from `after` on, that another master key wraps; nobody else changes them until the transaction ends."""
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM customer_keys WHERE tenant_id = $1 AND master_key_id <> $2 AND id > $3
        ORDER BY id LIMIT $4 FOR UPDATE
        """,
        tenant_id,
        master_key_id,
        after,
        limit,
    )
    return [_key(row) for row in rows]


async def replace_wrappings(connection: Connection, tenant_id: UUID, keys: Sequence[WrappedKey]) -> None:
    """Store these keys as they are wrapped now."""
    await connection.execute(
        """
        UPDATE customer_keys stored SET wrapped_key = given.wrapped_key, master_key_id = given.master_key_id
        FROM unnest($2::uuid[], $3::bytea[], $4::text[]) AS given (id, wrapped_key, master_key_id)
        WHERE stored.tenant_id = $1 AND stored.id = given.id
        """,
        tenant_id,
        [key.id for key in keys],
        [key.wrapped for key in keys],
        [key.master_key_id for key in keys],
    )


async def count_by_master_key(connection: Connection, tenant_id: UUID) -> dict[str, int]:
    """How many of the tenant's keys each master key wraps, by its id."""
    rows = await connection.fetch("SELECT master_key_id, count(*) AS keys FROM customer_keys WHERE tenant_id = $1 GROUP BY master_key_id", tenant_id)
    return {row["master_key_id"]: row["keys"] for row in rows}


def _key(row: asyncpg.Record) -> WrappedKey:
    return WrappedKey(row["id"], row["wrapped_key"], row["master_key_id"])
