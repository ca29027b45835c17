"""All SQL of tenants, principals and API keys. Look-ups use primary keys and the unique key of principals, all of which start with the tenant."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from factbook.access.model import PrincipalKind, Scope
from factbook.database.pools import Connection


@dataclass(frozen=True, slots=True)
class KeyClaims:
    """What the database holds against the claim of a key: whose it is, the SHA-256 of its secret, and whether it was revoked."""

    principal_id: UUID
    kind: PrincipalKind
    name: str
    sha256: bytes
    scopes: frozenset[Scope]
    revoked: bool


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key as it is listed: everything but its secret. `kind` and `name` are those of its principal."""

    id: UUID
    kind: PrincipalKind
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    revoked_at: datetime | None


async def key_claims(connection: Connection, tenant_id: UUID, key_id: UUID) -> KeyClaims | None:
    """The claims of the key, None when the tenant has no such key. For a connection outside tenants; one statement, one round trip."""
    row = await connection.fetchrow("SELECT * FROM key_claims($1, $2)", tenant_id, key_id)
    if row is None:
        return None
    return KeyClaims(row["principal_id"], PrincipalKind(row["kind"]), row["name"], row["sha256"], _known_scopes(row["scopes"]), row["revoked"])


async def tenant_id_named(connection: Connection, name: str) -> UUID | None:
    """The id of the tenant with this name, whichever tenant the connection is tied to."""
    tenant_id: UUID | None = await connection.fetchval("SELECT tenant_id_named($1)", name)
    return tenant_id


async def tenant_ids(connection: Connection) -> list[UUID]:
    """The ids of all tenants, oldest first."""
    return [row[0] for row in await connection.fetch("SELECT tenant_ids()")]


async def tenant_name(connection: Connection, tenant_id: UUID) -> str:
    """What the tenant that the connection is tied to is called."""
    name: str = await connection.fetchval("SELECT name FROM tenants WHERE tenant_id = $1", tenant_id)
    return name


async def tenant_exists(connection: Connection, tenant_id: UUID) -> bool:
    """Whether the tenant the connection is tied to exists."""
    return await connection.fetchval("SELECT true FROM tenants WHERE tenant_id = $1", tenant_id) is not None


async def insert_tenant(connection: Connection, tenant_id: UUID, name: str, created_at: datetime) -> None:
    """Insert the tenant unless the name is taken. Waits for a racing insert of the same name to end."""
    await connection.execute(
        "INSERT INTO tenants (tenant_id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING", tenant_id, name, created_at
    )


async def insert_principal(connection: Connection, tenant_id: UUID, principal_id: UUID, kind: PrincipalKind, name: str, created_at: datetime) -> None:
    """Insert the principal unless the tenant has one of this kind and name. Waits for a racing insert of the same one to end."""
    await connection.execute(
        """
        INSERT INTO principals (tenant_id, id, kind, name, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, kind, name) DO NOTHING
        """,
        tenant_id,
        principal_id,
        kind,
        name,
        created_at,
    )


async def find_principal(connection: Connection, tenant_id: UUID, kind: PrincipalKind, name: str) -> UUID | None:
    """The id of the principal of this kind and name."""
    principal_id: UUID | None = await connection.fetchval(
        "SELECT id FROM principals WHERE tenant_id = $1 AND kind = $2 AND name = $3", tenant_id, kind, name
    )
    return principal_id


async def insert_key(
    connection: Connection, tenant_id: UUID, key_id: UUID, principal_id: UUID, sha256: bytes, scopes: Iterable[Scope], created_at: datetime
) -> None:
    """Insert the key; of its secret only the hash."""
    await connection.execute(
        "INSERT INTO api_keys (tenant_id, id, principal_id, sha256, scopes, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        tenant_id,
        key_id,
        principal_id,
        sha256,
        sorted(scopes),
        created_at,
    )


async def revoke_key(connection: Connection, tenant_id: UUID, key_id: UUID, revoked_at: datetime) -> bool:
    """Whether this statement revoked the key: False when the tenant has no such key or it was revoked before."""
    return (
        await connection.fetchval(
            "UPDATE api_keys SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING true",
            tenant_id,
            key_id,
            revoked_at,
        )
        is not None
    )


async def list_keys(connection: Connection, tenant_id: UUID) -> list[IssuedKey]:
    """All keys of the tenant, oldest first."""
    rows = await connection.fetch(
        """
        SELECT k.id, p.kind, p.name, k.scopes, k.created_at, k.revoked_at
        FROM api_keys k JOIN principals p ON p.tenant_id = k.tenant_id AND p.id = k.principal_id
        WHERE k.tenant_id = $1 ORDER BY k.created_at, k.id
        """,
        tenant_id,
    )
    return [
        IssuedKey(row["id"], PrincipalKind(row["kind"]), row["name"], _known_scopes(row["scopes"]), row["created_at"], row["revoked_at"])
        for row in rows
    ]


def _known_scopes(names: list[str]) -> frozenset[Scope]:
    """The scopes this version knows. One that a newer version gave opens nothing here, so leaving it out takes no right away."""
    return frozenset(scope for scope in Scope if scope in names)
