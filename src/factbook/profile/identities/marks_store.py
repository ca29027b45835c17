"""The SQL of what is known of an attached address beside that it is attached, and of moving addresses when profiles are merged."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from factbook.database.pools import Connection


@dataclass(frozen=True, slots=True)
class Attached:
    """An attached address with its marks."""

    channel: str
    key: str
    verified_at: datetime | None
    is_primary: bool


async def mark_identity(connection: Connection, tenant_id: UUID, attached: Attached) -> None:
    """Set the marks of an attached address. Of one customer's addresses on a channel one is primary: a new one takes that from another."""
    if attached.is_primary:
        await connection.execute(
            """
            UPDATE channel_identities SET is_primary = false
            WHERE tenant_id = $1 AND channel = $2 AND detached_at IS NULL AND is_primary AND customer_id = (
                SELECT customer_id FROM channel_identities
                WHERE tenant_id = $1 AND channel = $2 AND normalized_identifier = $3 AND detached_at IS NULL)
            """,
            tenant_id,
            attached.channel,
            attached.key,
        )
    await connection.execute(
        """
        UPDATE channel_identities SET verified_at = $4, is_primary = $5
        WHERE tenant_id = $1 AND channel = $2 AND normalized_identifier = $3 AND detached_at IS NULL
        """,
        tenant_id,
        attached.channel,
        attached.key,
        attached.verified_at,
        attached.is_primary,
    )


async def attached_identities(connection: Connection, tenant_id: UUID, customer_id: UUID) -> list[Attached]:
    """The addresses attached to the customer."""
    rows = await connection.fetch(
        """
        SELECT channel, normalized_identifier AS key, verified_at, is_primary FROM channel_identities
        WHERE tenant_id = $1 AND customer_id = $2 AND detached_at IS NULL ORDER BY id
        """,
        tenant_id,
        customer_id,
    )
    return [Attached(**row) for row in rows]


async def detach_all(connection: Connection, tenant_id: UUID, customer_id: UUID, detached_by: UUID, now: datetime) -> None:
    """Let all addresses go that are attached to the customer."""
    await connection.execute(
        """
        UPDATE channel_identities SET detached_at = $4, detached_by = $3 WHERE tenant_id = $1 AND customer_id = $2 AND detached_at IS NULL
        """,
        tenant_id,
        customer_id,
        detached_by,
        now,
    )
