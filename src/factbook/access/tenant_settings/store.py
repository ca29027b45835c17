"""All SQL of tenants' settings. Column and field names are the same."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from factbook.access.tenant_settings.model import TenantSettings
from factbook.database.pools import Connection

_NAMES = tuple(field.name for field in fields(TenantSettings))


async def tenant_settings(connection: Connection, tenant_id: UUID) -> TenantSettings:
    """The tenant's settings; the defaults of those that were never set."""
    row = await connection.fetchrow(f"SELECT {', '.join(_NAMES)} FROM tenant_settings WHERE tenant_id = $1", tenant_id)
    return TenantSettings(**row) if row else TenantSettings()


async def change_settings(connection: Connection, tenant_id: UUID, changes: Mapping[str, object], changed_at: datetime) -> None:
    """Set what `changes` names, at least one setting, and leave the others: two who set different ones both have their way."""
    unknown = changes.keys() - set(_NAMES)
    if unknown:
        raise ValueError(f"no such setting: {', '.join(sorted(unknown))}")
    places = [f"${place}" for place in range(3, 3 + len(changes))]
    sets = ", ".join(f"{name} = {place}" for name, place in zip(changes, places, strict=True))
    await connection.execute(
        f"""
        INSERT INTO tenant_settings (tenant_id, updated_at, {", ".join(changes)}) VALUES ($1, $2, {", ".join(places)})
        ON CONFLICT (tenant_id) DO UPDATE SET updated_at = $2, {sets}
        """,
        tenant_id,
        changed_at,
        *changes.values(),
    )
