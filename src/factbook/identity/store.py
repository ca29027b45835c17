"""All SQL of the customers table. Look-ups use its unique key, which starts with the tenant."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from factbook.database.pools import Connection
from factbook.identity.model import Customer

_COLUMNS = "id, channel, normalized_identifier, created_at"


async def insert_customers(
    connection: Connection, tenant_id: UUID, channel: str, identifiers: Sequence[tuple[UUID, str]], created_at: datetime
) -> None:
    """Insert a row per (new id, normalized identifier); rows whose key stands already are left as they are."""
    await connection.execute(
        """
        INSERT INTO customers (tenant_id, id, channel, normalized_identifier, created_at)
        SELECT $1, ids, $2, identifiers, $5 FROM unnest($3::uuid[], $4::text[]) AS given (ids, identifiers)
        ORDER BY identifiers
        ON CONFLICT (tenant_id, channel, normalized_identifier) DO NOTHING
        """,
        tenant_id,
        channel,
        [identity for identity, _ in identifiers],
        [identifier for _, identifier in identifiers],
        created_at,
    )


async def find_customers(connection: Connection, tenant_id: UUID, channel: str, identifiers: Sequence[str]) -> list[Customer]:
    """The customers with these normalized identifiers on the channel, in no order."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM customers WHERE tenant_id = $1 AND channel = $2 AND normalized_identifier = ANY($3)",
        tenant_id,
        channel,
        identifiers,
    )
    return [Customer(**row) for row in rows]


async def find_customer(connection: Connection, tenant_id: UUID, customer_id: UUID) -> Customer | None:
    """The customer with this id."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM customers WHERE tenant_id = $1 AND id = $2", tenant_id, customer_id)
    return Customer(**row) if row else None


async def newest_customers(connection: Connection, tenant_id: UUID, channel: str | None, after: UUID | None, limit: int) -> list[Customer]:
    """Up to `limit` customers, newest first: ids are UUIDv7, so the primary key read backwards is that order."""
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM customers
        WHERE tenant_id = $1 AND ($2::text IS NULL OR channel = $2) AND ($3::uuid IS NULL OR id < $3)
        ORDER BY id DESC LIMIT $4
        """,
        tenant_id,
        channel,
        after,
        limit,
    )
    return [Customer(**row) for row in rows]


async def existing_customers(connection: Connection, tenant_id: UUID, customer_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the ids that are customers of the tenant."""
    rows = await connection.fetch("SELECT id FROM customers WHERE tenant_id = $1 AND id = ANY($2)", tenant_id, customer_ids)
    return {row["id"] for row in rows}
