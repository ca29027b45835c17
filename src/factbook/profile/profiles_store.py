"""The SQL of `customer_profiles`. Whoever changes anything of a profile locks its row first, and several in the order of their ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from factbook.database.pools import Connection
from factbook.profile.model import VerificationLevel


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """Which profile is whose."""

    id: UUID
    customer_id: UUID


@dataclass(frozen=True, slots=True)
class Bumped:
    """A profile that was changed, and its version from now on."""

    customer_id: UUID
    version: int


async def lock_profile(connection: Connection, tenant_id: UUID, profile_id: UUID) -> ProfileRow | None:
    """The profile, locked until the transaction ends; None when there is none."""
    row = await connection.fetchrow(
        "SELECT id, customer_id FROM customer_profiles WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL FOR UPDATE", tenant_id, profile_id
    )
    return ProfileRow(**row) if row else None


async def lock_profile_of_customer(connection: Connection, tenant_id: UUID, customer_id: UUID) -> ProfileRow | None:
    """The customer's profile, locked until the transaction ends, by index `customer_profiles_one_of_customer`; None when there is none."""
    row = await connection.fetchrow(
        "SELECT id, customer_id FROM customer_profiles WHERE tenant_id = $1 AND customer_id = $2 AND deleted_at IS NULL FOR UPDATE",
        tenant_id,
        customer_id,
    )
    return ProfileRow(**row) if row else None


async def lock_profiles(connection: Connection, tenant_id: UUID, profile_ids: Sequence[UUID]) -> dict[UUID, ProfileRow]:
    """Those of the profiles that there are, by id, locked in the order of their ids so that two who lock several never wait for each other."""
    rows = await connection.fetch(
        """
        SELECT id, customer_id FROM customer_profiles WHERE tenant_id = $1 AND id = ANY($2) AND deleted_at IS NULL ORDER BY id FOR UPDATE
        """,
        tenant_id,
        profile_ids,
    )
    return {row["id"]: ProfileRow(**row) for row in rows}


async def insert_profile(
    connection: Connection,
    tenant_id: UUID,
    profile: ProfileRow,
    created_at: datetime,
    verification_level: VerificationLevel = VerificationLevel.UNVERIFIED,
    last_interaction_at: datetime | None = None,
) -> bool:
    """Whether this statement made the profile: False when the customer has one or the id is taken, after waiting for whoever is making it."""
    made = await connection.fetchval(
        """
        INSERT INTO customer_profiles (tenant_id, id, customer_id, verification_level, version, created_at, updated_at, last_interaction_at)
        VALUES ($1, $2, $3, $5, 1, $4, $4, $6) ON CONFLICT DO NOTHING RETURNING true
        """,
        tenant_id,
        profile.id,
        profile.customer_id,
        created_at,
        verification_level,
        last_interaction_at,
    )
    return made is not None


async def id_is_taken(connection: Connection, tenant_id: UUID, profile_id: UUID) -> bool:
    """Whether a profile goes by this id, one that was deleted included."""
    taken: bool = await connection.fetchval("SELECT EXISTS (SELECT FROM customer_profiles WHERE tenant_id = $1 AND id = $2)", tenant_id, profile_id)
    return taken


async def profile_of_customer(connection: Connection, tenant_id: UUID, customer_id: UUID) -> ProfileRow | None:
    """The customer's profile, by index `customer_profiles_one_of_customer`."""
    row = await connection.fetchrow(
        "SELECT id, customer_id FROM customer_profiles WHERE tenant_id = $1 AND customer_id = $2 AND deleted_at IS NULL", tenant_id, customer_id
    )
    return ProfileRow(**row) if row else None


async def profile_with_id(connection: Connection, tenant_id: UUID, profile_id: UUID) -> ProfileRow | None:
    """The profile with this id."""
    row = await connection.fetchrow(
        "SELECT id, customer_id FROM customer_profiles WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL", tenant_id, profile_id
    )
    return ProfileRow(**row) if row else None


async def profile_merged_from(connection: Connection, tenant_id: UUID, customer_id: UUID) -> ProfileRow | None:
    """The profile that the customer's was merged into, if it was."""
    row = await connection.fetchrow(
        """
        SELECT t.id, t.customer_id FROM customer_profiles s JOIN customer_profiles t ON t.tenant_id = s.tenant_id AND t.id = s.merged_into_id
        WHERE s.tenant_id = $1 AND s.customer_id = $2 AND s.merged_into_id IS NOT NULL AND t.deleted_at IS NULL ORDER BY s.deleted_at DESC LIMIT 1
        """,
        tenant_id,
        customer_id,
    )
    return ProfileRow(**row) if row else None


async def bump_versions(connection: Connection, tenant_id: UUID, profile_ids: Sequence[UUID], now: datetime) -> list[Bumped]:
    """Count one change for each profile, and tell the versions from now on. Those deleted in this transaction count as well."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """
        UPDATE customer_profiles SET version = version + 1, updated_at = $3 WHERE tenant_id = $1 AND id = ANY($2) RETURNING customer_id, version
        """,
        tenant_id,
        profile_ids,
        now,
    )
    return [Bumped(**row) for row in rows]


async def change_profile(
    connection: Connection, tenant_id: UUID, profile_id: UUID, *, level: VerificationLevel, last_interaction_at: datetime | None
) -> None:
    """Set the level, and when the customer was last heard of if that is given."""
    await connection.execute(
        """
        UPDATE customer_profiles SET verification_level = $3, last_interaction_at = coalesce($4, last_interaction_at) WHERE tenant_id = $1 AND id = $2
        """,
        tenant_id,
        profile_id,
        level,
        last_interaction_at,
    )


async def set_verification_level(connection: Connection, tenant_id: UUID, profile_id: UUID, level: VerificationLevel) -> VerificationLevel:
    """Set the level, and tell what it was. For callers that hold the profile."""
    earlier = await connection.fetchval("SELECT verification_level FROM customer_profiles WHERE tenant_id = $1 AND id = $2", tenant_id, profile_id)
    await connection.execute("UPDATE customer_profiles SET verification_level = $3 WHERE tenant_id = $1 AND id = $2", tenant_id, profile_id, level)
    return VerificationLevel(earlier)


async def set_identity_verified(connection: Connection, tenant_id: UUID, profile_id: UUID, verified_at: datetime | None) -> None:
    """Say when the address that founded the customer was verified."""
    await connection.execute(
        "UPDATE customer_profiles SET identity_verified_at = $3 WHERE tenant_id = $1 AND id = $2", tenant_id, profile_id, verified_at
    )


async def delete_profile(connection: Connection, tenant_id: UUID, profile_id: UUID, now: datetime, merged_into_id: UUID | None = None) -> None:
    """Take the profile out of sight, with the name of the one that it went into if it did; those that had gone into it follow."""
    await connection.execute(
        "UPDATE customer_profiles SET deleted_at = $3, merged_into_id = $4 WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        profile_id,
        now,
        merged_into_id,
    )
    if merged_into_id is not None:
        await connection.execute(
            "UPDATE customer_profiles SET merged_into_id = $3 WHERE tenant_id = $1 AND merged_into_id = $2", tenant_id, profile_id, merged_into_id
        )
