"""All SQL of the table of channel identities. Rows stay when an identity is detached: who had it, and when, can be read years later."""

from datetime import datetime
from uuid import UUID

from factbook.database.pools import Connection
from factbook.identity.model import ChannelIdentity

_COLUMNS = "id, channel, normalized_identifier, created_at, created_by"


async def insert_identity(connection: Connection, tenant_id: UUID, customer_id: UUID, identity: ChannelIdentity, reason: str | None) -> None:
    """Attach the identity. For callers that let nobody take keys meanwhile and found this one free."""
    await connection.execute(
        """
        INSERT INTO channel_identities (tenant_id, id, customer_id, channel, normalized_identifier, reason, created_at, created_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        tenant_id,
        identity.id,
        customer_id,
        identity.channel,
        identity.normalized_identifier,
        reason,
        identity.created_at,
        identity.created_by,
    )


async def detach_identity(
    connection: Connection, tenant_id: UUID, customer_id: UUID, identity_id: UUID, detached_by: UUID, detached_at: datetime
) -> bool:
    """Whether this statement detached the identity: False when the customer has none of this id, or it was detached before."""
    detached = await connection.fetchval(
        """
        UPDATE channel_identities SET detached_at = $5, detached_by = $4
        WHERE tenant_id = $1 AND id = $3 AND customer_id = $2 AND detached_at IS NULL RETURNING true
        """,
        tenant_id,
        customer_id,
        identity_id,
        detached_by,
        detached_at,
    )
    return detached is not None


async def attached_identity(connection: Connection, tenant_id: UUID, channel: str, normalized: str) -> ChannelIdentity | None:
    """The identity that is attached with this key, by index `channel_identities_one_holder`."""
    row = await connection.fetchrow(
        f"""
        SELECT {_COLUMNS} FROM channel_identities
        WHERE tenant_id = $1 AND channel = $2 AND normalized_identifier = $3 AND detached_at IS NULL
        """,
        tenant_id,
        channel,
        normalized,
    )
    return ChannelIdentity(**row) if row else None


async def identities_of_customer(connection: Connection, tenant_id: UUID, customer_id: UUID, after: UUID | None, limit: int) -> list[ChannelIdentity]:
    """Up to `limit` identities that are attached to the customer, oldest first, by index `channel_identities_of_customer`."""
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM channel_identities
        WHERE tenant_id = $1 AND customer_id = $2 AND detached_at IS NULL AND ($3::uuid IS NULL OR id > $3)
        ORDER BY id LIMIT $4
        """,
        tenant_id,
        customer_id,
        after,
        limit,
    )
    return [ChannelIdentity(**row) for row in rows]
