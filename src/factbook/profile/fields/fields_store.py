"""The SQL of the table of fields. Its rows are read as the view `profile_fields_shown` shows them, which leaves out deleted ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from factbook.database.pools import Connection
from factbook.kernel.json_text import json_text
from factbook.profile.lifecycle_rules import Supersession
from factbook.profile.model import ItemStatus, ProfileField, SourceType

SHOWN = "entry::text AS entry, sealed_value, value_salt, status"
_PLAIN = (
    *("id", "name", "value_type", "source", "asserted_by", "recorded_by", "source_session_id", "source_scenario_id", "source_step_id"),
    *("source_item_id", "source_item_type", "status", "superseded_by_id", "superseded_at", "verified", "verification_method", "verified_at"),
    *("verified_by", "confidence", "requires_confirmation", "collected_at", "updated_at", "expires_at", "field_definition_id"),
)
_COLUMNS = ("tenant_id", "profile_id", "value", "sealed_value", "value_salt", "source_metadata", *_PLAIN)
_INSERT = f"INSERT INTO profile_fields ({', '.join(_COLUMNS)}) VALUES ({', '.join(f'${place}' for place in range(1, len(_COLUMNS) + 1))})"


@dataclass(frozen=True, slots=True)
class KeptField:
    """A field as its row has it: with `sealed_value` the field's own value is not there yet. `salt` goes into every hash of the value.

    `marked` is the status that was written; the field itself shows how it stands now.
    """

    field: ProfileField
    sealed_value: bytes | None
    salt: bytes
    marked: ItemStatus = ItemStatus.ACTIVE


def kept_field(row: asyncpg.Record) -> KeptField:
    """The field in a row of `SHOWN`."""
    return KeptField(ProfileField.model_validate_json(row["entry"]), row["sealed_value"], row["value_salt"], ItemStatus(row["status"]))


async def insert_field(connection: Connection, tenant_id: UUID, profile_id: UUID, kept: KeptField) -> None:
    """Insert the field, its value in clear or sealed. What its successor is may be inserted later in the transaction."""
    field = kept.field
    value = json_text(field.value) if kept.sealed_value is None else None
    plain = [getattr(field, name) for name in _PLAIN]
    await connection.execute(_INSERT, tenant_id, profile_id, value, kept.sealed_value, kept.salt, json_text(field.source_metadata), *plain)


async def versions_to_supersede(connection: Connection, tenant_id: UUID, profile_id: UUID, name: str) -> list[KeptField]:
    """The versions of a field that no later one has taken the place of, by index `profile_fields_standing`."""
    rows = await connection.fetch(
        f"""
        SELECT {SHOWN} FROM profile_fields_shown
        WHERE tenant_id = $1 AND profile_id = $2 AND name = $3 AND superseded_by_id IS NULL
        """,
        tenant_id,
        profile_id,
        name,
    )
    return [kept_field(row) for row in rows]


async def supersede(connection: Connection, tenant_id: UUID, field_id: UUID, by: UUID, outcome: Supersession, now: datetime) -> None:
    """Give the field its successor, which need not be inserted yet."""
    await connection.execute(
        """
        UPDATE profile_fields SET status = $4, superseded_by_id = $3, superseded_at = $5, updated_at = $6 WHERE tenant_id = $1 AND id = $2
        """,
        tenant_id,
        field_id,
        by,
        outcome.status,
        outcome.superseded_at,
        now,
    )


async def newest_version(connection: Connection, tenant_id: UUID, profile_id: UUID, name: str, status: ItemStatus | None = None) -> KeptField | None:
    """The version collected last, of those that stand so at this moment if a status is given."""
    row = await connection.fetchrow(
        f"""
        SELECT {SHOWN} FROM profile_fields_shown WHERE tenant_id = $1 AND profile_id = $2 AND name = $3 AND ($4::text IS NULL OR status_now = $4)
        ORDER BY collected_at DESC, id DESC LIMIT 1
        """,
        tenant_id,
        profile_id,
        name,
        status,
    )
    return kept_field(row) if row else None


async def telling_versions(connection: Connection, tenant_id: UUID, customer_id: UUID, names: Sequence[str]) -> list[KeptField]:
    """The version of each of these fields that tells how it stands, as `CustomerProfile.newest_fields`; by index `profile_fields_history`."""
    rows = await connection.fetch(
        f"""
        SELECT t.* FROM customer_profiles p CROSS JOIN unnest($3::text[]) AS wanted(name) CROSS JOIN LATERAL (
            SELECT {SHOWN} FROM profile_fields_shown f WHERE f.tenant_id = p.tenant_id AND f.profile_id = p.id AND f.name = wanted.name
            ORDER BY status_now = 'active' DESC, status_now = 'superseded', collected_at DESC, id DESC LIMIT 1) AS t
        WHERE p.tenant_id = $1 AND p.customer_id = $2 AND p.deleted_at IS NULL
        """,
        tenant_id,
        customer_id,
        names,
    )
    return [kept_field(row) for row in rows]


async def every_version(
    connection: Connection,
    tenant_id: UUID,
    profile_id: UUID,
    name: str,
    after: tuple[datetime, UUID] | None = None,
    limit: int | None = None,
) -> list[KeptField]:
    """The versions of the field, the last collected first, by index `profile_fields_history`; at most `limit`, after the place of another."""
    rows = await connection.fetch(
        f"""
        SELECT {SHOWN} FROM profile_fields_shown WHERE tenant_id = $1 AND profile_id = $2 AND name = $3
          AND ($4::timestamptz IS NULL OR (collected_at, id) < ($4, $5::uuid)) ORDER BY collected_at DESC, id DESC LIMIT $6
        """,
        tenant_id,
        profile_id,
        name,
        *(after or (None, None)),
        limit,
    )
    return [kept_field(row) for row in rows]


@dataclass(frozen=True, slots=True)
class SaidBefore:
    """A version that came from a session: its value as JSON text or sealed, and what is said of its source. Deleted ones are among them."""

    id: UUID
    value: str | None
    sealed_value: bytes | None
    source_metadata: str


async def said_in_session(connection: Connection, tenant_id: UUID, profile_id: UUID, name: str, session_id: UUID) -> list[SaidBefore]:
    """The versions of the field that came from this session, deleted ones included, by index `profile_fields_derived`."""
    rows = await connection.fetch(
        """
        SELECT id, value::text AS value, sealed_value, source_metadata::text AS source_metadata FROM profile_fields
        WHERE tenant_id = $1 AND source_item_id = $5 AND source_item_type = $4 AND profile_id = $2 AND name = $3 ORDER BY id
        """,
        tenant_id,
        profile_id,
        name,
        SourceType.SESSION,
        session_id,
    )
    return [SaidBefore(**row) for row in rows]


async def field_with_id(connection: Connection, tenant_id: UUID, profile_id: UUID, field_id: UUID) -> KeptField | None:
    """The profile's version with this id."""
    row = await connection.fetchrow(
        f"SELECT {SHOWN} FROM profile_fields_shown WHERE tenant_id = $1 AND profile_id = $2 AND id = $3", tenant_id, profile_id, field_id
    )
    return kept_field(row) if row else None


async def active_fields(connection: Connection, tenant_id: UUID, profile_id: UUID) -> dict[str, KeptField]:
    """The rows of the profile that are marked active, by name, those past their time among them."""
    rows = await connection.fetch(
        f"SELECT {SHOWN} FROM profile_fields_shown WHERE tenant_id = $1 AND profile_id = $2 AND status = 'active'", tenant_id, profile_id
    )
    return {kept.field.name: kept for kept in map(kept_field, rows)}


async def verify_field(connection: Connection, tenant_id: UUID, field_id: UUID, method: str, verified_by: str, now: datetime) -> None:
    """Mark the version as verified; it needs no confirmation any more."""
    await connection.execute(
        """
        UPDATE profile_fields SET verified = true, verification_method = $3, verified_by = $4, verified_at = $5, requires_confirmation = false,
            updated_at = $5 WHERE tenant_id = $1 AND id = $2
        """,
        tenant_id,
        field_id,
        method,
        verified_by,
        now,
    )


async def existing_ids(connection: Connection, tenant_id: UUID, field_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the ids that a field goes by, deleted ones included."""
    rows = await connection.fetch("SELECT id FROM profile_fields WHERE tenant_id = $1 AND id = ANY($2)", tenant_id, field_ids)
    return {row["id"] for row in rows}


async def move_fields(connection: Connection, tenant_id: UUID, source_id: UUID, target_id: UUID) -> None:
    """Give every version of one profile to another, deleted ones included. For callers that left no name with two active values."""
    await connection.execute("UPDATE profile_fields SET profile_id = $3 WHERE tenant_id = $1 AND profile_id = $2", tenant_id, source_id, target_id)
