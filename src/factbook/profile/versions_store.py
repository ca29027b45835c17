"""The version of each set of definitions and of each set of requirements: it grows with every change to a member."""

from uuid import UUID

from factbook.database.pools import Connection


async def bump_schema(connection: Connection, tenant_id: UUID, kind: str, owner_id: UUID) -> int:
    """Count one change of the set, and tell its version from now on."""
    version: int = await connection.fetchval(
        """
        INSERT INTO schema_versions AS standing (tenant_id, kind, owner_id, version) VALUES ($1, $2, $3, 1)
        ON CONFLICT (tenant_id, kind, owner_id) DO UPDATE SET version = standing.version + 1 RETURNING version
        """,
        tenant_id,
        kind,
        owner_id,
    )
    return version


async def schema_version(connection: Connection, tenant_id: UUID, kind: str, owner_id: UUID) -> int:
    """The version of the set; 0 before its first member."""
    version: int | None = await connection.fetchval(
        "SELECT version FROM schema_versions WHERE tenant_id = $1 AND kind = $2 AND owner_id = $3", tenant_id, kind, owner_id
    )
    return version or 0
