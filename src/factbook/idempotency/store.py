"""All SQL of idempotency keys, by primary key."""

from datetime import datetime
from uuid import UUID

from factbook.database.pools import Connection
from factbook.idempotency.model import Claim, IdempotentRequest


async def insert_key(
    connection: Connection, tenant_id: UUID, principal_id: UUID, request: IdempotentRequest, resource_id: UUID, created_at: datetime
) -> bool:
    """Whether this statement took the key: False when the principal has used it. Waits for a racing request under it to end."""
    taken = await connection.fetchval(
        """
        INSERT INTO idempotency_keys (tenant_id, principal_id, key, request_sha256, resource_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (tenant_id, principal_id, key) DO NOTHING RETURNING true
        """,
        tenant_id,
        principal_id,
        request.key,
        request.sha256,
        resource_id,
        created_at,
    )
    return taken is not None


async def standing_claim(connection: Connection, tenant_id: UUID, principal_id: UUID, key: str) -> Claim | None:
    """What the key stands for; None when the principal has not used it."""
    row = await connection.fetchrow(
        "SELECT request_sha256, resource_id FROM idempotency_keys WHERE tenant_id = $1 AND principal_id = $2 AND key = $3",
        tenant_id,
        principal_id,
        key,
    )
    return Claim(row["request_sha256"], row["resource_id"]) if row else None
