"""All SQL of the customers table, and of the view that says whom an identifier stands for. Look-ups use unique keys, which start with the tenant."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from factbook.database.pools import Connection
from factbook.identity.model import Customer

_COLUMNS = "id, channel, normalized_identifier, created_at"
# The first of the two numbers of an advisory lock; any will do that nothing else in the database uses.
_KEYS_OF_TENANT = 7_201_955


async def let_no_key_be_attached(connection: Connection, tenant_id: UUID) -> None:
    """Keep keys of the tenant from being attached until the transaction ends. Any number of transactions may do so at once."""
    await connection.execute("SELECT pg_advisory_xact_lock_shared($1, hashtext($2))", _KEYS_OF_TENANT, str(tenant_id))


async def let_no_key_be_taken(connection: Connection, tenant_id: UUID) -> None:
    """Keep keys of the tenant from being attached or founding a customer until the transaction ends, and wait for those who are at it.

    A founding key and an attached one stand in two tables, so no unique index can keep them apart.
    """
    await connection.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", _KEYS_OF_TENANT, str(tenant_id))


async def insert_customers(
    connection: Connection, tenant_id: UUID, channel: str, identifiers: Sequence[tuple[UUID, str]], created_at: datetime
) -> None:
    """Insert a row per (new id, normalized identifier). Keys that stand for a customer already, founding or attached, are left as they are.

    For callers that let no key be attached meanwhile.
    """
    await connection.execute(
        """
        INSERT INTO customers (tenant_id, id, channel, normalized_identifier, created_at)
        SELECT $1, ids, $2, identifiers, $5 FROM unnest($3::uuid[], $4::text[]) AS given (ids, identifiers)
        WHERE NOT EXISTS (SELECT FROM channel_identities a
                          WHERE a.tenant_id = $1 AND a.channel = $2 AND a.normalized_identifier = identifiers AND a.detached_at IS NULL)
        ORDER BY identifiers
        ON CONFLICT (tenant_id, channel, normalized_identifier) DO NOTHING
        """,
        tenant_id,
        channel,
        [identity for identity, _ in identifiers],
        [identifier for _, identifier in identifiers],
        created_at,
    )


async def customers_called(connection: Connection, tenant_id: UUID, channel: str, identifiers: Sequence[str]) -> dict[str, Customer]:
    """Whom these normalized identifiers stand for on the channel, by identifier: the customers they founded or were attached to."""
    rows = await connection.fetch(
        """
        SELECT k.normalized_identifier AS called, c.id, c.channel, c.normalized_identifier, c.created_at
        FROM identity_keys k JOIN customers c ON c.tenant_id = k.tenant_id AND c.id = k.customer_id
        WHERE k.tenant_id = $1 AND k.channel = $2 AND k.normalized_identifier = ANY($3)
        """,
        tenant_id,
        channel,
        identifiers,
    )
    return {row["called"]: Customer(row["id"], row["channel"], row["normalized_identifier"], row["created_at"]) for row in rows}


async def customers_with_keys(connection: Connection, tenant_id: UUID, keys: Sequence[tuple[str, str]]) -> list[Customer]:
    """Whom these keys, (channel, normalized identifier) each, stand for, newest first: the customers they founded or were attached to."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT c.id, c.channel, c.normalized_identifier, c.created_at
        FROM unnest($2::text[], $3::text[]) AS wanted (channel, identifier)
        JOIN identity_keys k ON k.tenant_id = $1 AND k.channel = wanted.channel AND k.normalized_identifier = wanted.identifier
        JOIN customers c ON c.tenant_id = k.tenant_id AND c.id = k.customer_id
        ORDER BY c.id DESC
        """,
        tenant_id,
        [channel for channel, _ in keys],
        [identifier for _, identifier in keys],
    )
    return [Customer(**row) for row in rows]


async def customers_with_ids(connection: Connection, tenant_id: UUID, customer_ids: Sequence[UUID]) -> list[Customer]:
    """Those of the ids that are customers of the tenant, newest first."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM customers WHERE tenant_id = $1 AND id = ANY($2) ORDER BY id DESC", tenant_id, customer_ids)
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
