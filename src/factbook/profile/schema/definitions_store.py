"""The SQL of definitions. A definition that is taken away keeps its row, so that a value can say for ever what it was held to."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from factbook.database.pools import Connection
from factbook.profile.schema_model import ProfileFieldDefinition

_KEY = ("tenant_id", "id", "agent_id", "name", "created_at")
_CHANGED = tuple(name for name in ProfileFieldDefinition.model_fields if name not in _KEY)
_COLUMNS = (*_KEY, *_CHANGED)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM profile_field_definitions WHERE tenant_id = $1 AND deleted_at IS NULL"


async def upsert_definition(connection: Connection, definition: ProfileFieldDefinition) -> ProfileFieldDefinition:
    """Create the definition, or replace the one of its agent and name, whose id and time of creation stay."""
    places = ", ".join(f"${place}" for place in range(1, len(_COLUMNS) + 1))
    row = await connection.fetchrow(
        f"""
        INSERT INTO profile_field_definitions ({", ".join(_COLUMNS)}) VALUES ({places})
        ON CONFLICT (tenant_id, agent_id, name) WHERE deleted_at IS NULL
        DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in _CHANGED)} RETURNING {", ".join(_COLUMNS)}
        """,
        *(getattr(definition, name) for name in _COLUMNS),
    )
    return _definition(row)


async def insert_definitions(connection: Connection, definitions: Sequence[ProfileFieldDefinition]) -> None:
    """Create those of whose agent and name there is none; a definition that stands is left as it is."""
    places = ", ".join(f"${place}" for place in range(1, len(_COLUMNS) + 1))
    await connection.executemany(
        f"""
        INSERT INTO profile_field_definitions ({", ".join(_COLUMNS)}) VALUES ({places})
        ON CONFLICT (tenant_id, agent_id, name) WHERE deleted_at IS NULL DO NOTHING
        """,
        [tuple(getattr(definition, name) for name in _COLUMNS) for definition in definitions],
    )


async def delete_definition(connection: Connection, tenant_id: UUID, agent_id: UUID, name: str, now: datetime) -> bool:
    """Whether this statement took the definition away."""
    deleted = await connection.fetchval(
        """
        UPDATE profile_field_definitions SET deleted_at = $4
        WHERE tenant_id = $1 AND agent_id = $2 AND name = $3 AND deleted_at IS NULL RETURNING true
        """,
        tenant_id,
        agent_id,
        name,
        now,
    )
    return deleted is not None


async def definitions_of_agent(connection: Connection, tenant_id: UUID, agent_id: UUID) -> list[ProfileFieldDefinition]:
    """All definitions of the agent, by name."""
    rows = await connection.fetch(f"{_SELECT} AND agent_id = $2 ORDER BY name", tenant_id, agent_id)
    return [_definition(row) for row in rows]


async def definition_page(connection: Connection, tenant_id: UUID, agent_id: UUID, after: str | None, limit: int) -> list[ProfileFieldDefinition]:
    """Up to `limit` definitions of the agent, by name, after this one."""
    rows = await connection.fetch(
        f"{_SELECT} AND agent_id = $2 AND ($3::text IS NULL OR name > $3) ORDER BY name LIMIT $4", tenant_id, agent_id, after, limit
    )
    return [_definition(row) for row in rows]


async def definition_named(connection: Connection, tenant_id: UUID, agent_id: UUID, name: str) -> ProfileFieldDefinition | None:
    """The agent's definition of this field."""
    row = await connection.fetchrow(f"{_SELECT} AND agent_id = $2 AND name = $3", tenant_id, agent_id, name)
    return _definition(row) if row else None


async def definitions_of_field(connection: Connection, tenant_id: UUID, name: str) -> list[ProfileFieldDefinition]:
    """The enabled definitions of a field, whichever agent's, oldest first, by index `definitions_of_name`."""
    rows = await connection.fetch(f"{_SELECT} AND name = $2 AND enabled ORDER BY created_at, id", tenant_id, name)
    return [_definition(row) for row in rows]


async def definitions_of_fields(connection: Connection, tenant_id: UUID, names: Sequence[str]) -> list[ProfileFieldDefinition]:
    """The enabled definitions of these fields, whichever agent's, by name and oldest first, by index `definitions_of_name`."""
    rows = await connection.fetch(f"{_SELECT} AND name = ANY($2) AND enabled ORDER BY name, created_at, id", tenant_id, names)
    return [_definition(row) for row in rows]


def _definition(row: asyncpg.Record | None) -> ProfileFieldDefinition:
    if row is None:
        raise LookupError("there is no such definition")
    return ProfileFieldDefinition.model_validate(dict(row))
