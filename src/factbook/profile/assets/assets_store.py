"""The SQL of the table of assets. Its rows are read as the view `profile_assets_shown` shows them, which leaves out deleted ones."""

from collections.abc import Sequence
from uuid import UUID

from factbook.database.pools import Connection
from factbook.kernel.json_text import json_text
from factbook.profile.lifecycle_rules import Supersession
from factbook.profile.model import ItemStatus, ProfileAsset

_PLAIN = (
    *("id", "name", "asset_type", "storage_provider", "storage_path", "mime_type", "size_bytes", "checksum", "recorded_by", "uploaded_at"),
    *("uploaded_in_session_id", "uploaded_in_scenario_id", "source_item_id", "source_item_type", "derived_from_tool", "status"),
    *("superseded_by_id", "superseded_at", "verified", "retention_policy", "expires_at"),
)
_COLUMNS = ("tenant_id", "profile_id", "verification_result", *_PLAIN)
_INSERT = f"INSERT INTO profile_assets ({', '.join(_COLUMNS)}) VALUES ({', '.join(f'${place}' for place in range(1, len(_COLUMNS) + 1))})"


async def insert_asset(connection: Connection, tenant_id: UUID, profile_id: UUID, asset: ProfileAsset) -> None:
    """Insert the asset."""
    result = None if asset.verification_result is None else json_text(asset.verification_result)
    await connection.execute(_INSERT, tenant_id, profile_id, result, *(getattr(asset, name) for name in _PLAIN))


async def assets_to_supersede(connection: Connection, tenant_id: UUID, profile_id: UUID, name: str) -> list[tuple[ProfileAsset, ItemStatus]]:
    """The assets of this name that no later one has taken the place of, each with the status that was written, by index `profile_assets_standing`."""
    rows = await connection.fetch(
        """
        SELECT entry::text AS entry, status FROM profile_assets_shown
        WHERE tenant_id = $1 AND profile_id = $2 AND name = $3 AND superseded_by_id IS NULL
        """,
        tenant_id,
        profile_id,
        name,
    )
    return [(ProfileAsset.model_validate_json(row["entry"]), ItemStatus(row["status"])) for row in rows]


async def supersede(connection: Connection, tenant_id: UUID, asset_id: UUID, by: UUID, outcome: Supersession) -> None:
    """Give the asset its successor, which need not be inserted yet."""
    await connection.execute(
        "UPDATE profile_assets SET status = $4, superseded_by_id = $3, superseded_at = $5 WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        asset_id,
        by,
        outcome.status,
        outcome.superseded_at,
    )


async def asset_with_id(connection: Connection, tenant_id: UUID, profile_id: UUID, asset_id: UUID) -> ProfileAsset | None:
    """The profile's asset with this id."""
    entry = await connection.fetchval(
        "SELECT entry::text FROM profile_assets_shown WHERE tenant_id = $1 AND profile_id = $2 AND id = $3", tenant_id, profile_id, asset_id
    )
    return ProfileAsset.model_validate_json(entry) if entry else None


async def newest_asset(connection: Connection, tenant_id: UUID, profile_id: UUID, name: str, status: ItemStatus | None) -> ProfileAsset | None:
    """The last asset of this name, of those that stand so at this moment if a status is given."""
    entry = await connection.fetchval(
        """
        SELECT entry::text FROM profile_assets_shown
        WHERE tenant_id = $1 AND profile_id = $2 AND name = $3 AND ($4::text IS NULL OR status_now = $4)
        ORDER BY uploaded_at DESC, id DESC LIMIT 1
        """,
        tenant_id,
        profile_id,
        name,
        status,
    )
    return ProfileAsset.model_validate_json(entry) if entry else None


async def newest_assets(
    connection: Connection, tenant_id: UUID, profile_id: UUID, status: ItemStatus | None, after: UUID | None, limit: int
) -> list[ProfileAsset]:
    """Up to `limit` assets of the profile, the last added first."""
    rows = await connection.fetch(
        """
        SELECT entry::text AS entry FROM profile_assets_shown
        WHERE tenant_id = $1 AND profile_id = $2 AND ($3::text IS NULL OR status_now = $3) AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5
        """,
        tenant_id,
        profile_id,
        status,
        after,
        limit,
    )
    return [ProfileAsset.model_validate_json(row["entry"]) for row in rows]


async def existing_ids(connection: Connection, tenant_id: UUID, asset_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the ids that an asset goes by, deleted ones included."""
    rows = await connection.fetch("SELECT id FROM profile_assets WHERE tenant_id = $1 AND id = ANY($2)", tenant_id, asset_ids)
    return {row["id"] for row in rows}


async def move_assets(connection: Connection, tenant_id: UUID, source_id: UUID, target_id: UUID) -> None:
    """Give every asset of one profile to another, deleted ones included."""
    await connection.execute("UPDATE profile_assets SET profile_id = $3 WHERE tenant_id = $1 AND profile_id = $2", tenant_id, source_id, target_id)
