"""The SQL of consents. Rows are added and never changed."""

from uuid import UUID

from factbook.database.pools import Connection
from factbook.profile.model import Consent

_COLUMNS = ("id", "consent_type", "granted", "granted_at", "revoked_at", "source_session_id", "ip_address", "created_at")


async def insert_consent(connection: Connection, tenant_id: UUID, profile_id: UUID, consent: Consent, recorded_by: UUID | None) -> None:
    """Add the consent."""
    await connection.execute(
        f"""
        INSERT INTO consents (tenant_id, profile_id, recorded_by, {", ".join(_COLUMNS)}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        tenant_id,
        profile_id,
        recorded_by,
        *(getattr(consent, name) for name in _COLUMNS),
    )


async def consents_of_profile(
    connection: Connection, tenant_id: UUID, profile_id: UUID, after: UUID | None = None, limit: int | None = None
) -> list[Consent]:
    """The profile's consents, oldest first, by index `consents_of_profile`; at most `limit`, after the one with this id."""
    rows = await connection.fetch(
        f"""
        SELECT {", ".join(_COLUMNS)} FROM consents
        WHERE tenant_id = $1 AND profile_id = $2 AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4
        """,
        tenant_id,
        profile_id,
        after,
        limit,
    )
    return [Consent.model_validate(dict(row)) for row in rows]


async def consent_with_id(connection: Connection, tenant_id: UUID, consent_id: UUID) -> Consent:
    """The consent with this id; there must be one."""
    row = await connection.fetchrow(f"SELECT {', '.join(_COLUMNS)} FROM consents WHERE tenant_id = $1 AND id = $2", tenant_id, consent_id)
    if row is None:
        raise LookupError("there is no such consent")
    return Consent.model_validate(dict(row))


async def existing_ids(connection: Connection, tenant_id: UUID, profile_id: UUID) -> set[UUID]:
    """The ids of the profile's consents."""
    rows = await connection.fetch("SELECT id FROM consents WHERE tenant_id = $1 AND profile_id = $2", tenant_id, profile_id)
    return {row["id"] for row in rows}


async def move_consents(connection: Connection, tenant_id: UUID, source_id: UUID, target_id: UUID) -> None:
    """Give every consent of one profile to another."""
    await connection.execute("UPDATE consents SET profile_id = $3 WHERE tenant_id = $1 AND profile_id = $2", tenant_id, source_id, target_id)
