"""The SQL of scenarios and rules: heads that name the version that stands, and versions that never change."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from factbook.database.pools import Connection
from factbook.scenarios.model import CONTENT_OF, DesignKind, Head, Version
from factbook.scenarios.scope_rules import Outlines

# The first of the two numbers of an advisory lock; any will do that nothing else in the database uses.
_DESIGNS_OF_AGENT = 7_201_956
_VERSION = """
SELECT d.kind, d.id, d.agent_id, v.version, v.content, v.content_hash, d.created_at, v.saved_at
FROM designs d JOIN design_versions v ON v.tenant_id = d.tenant_id AND v.kind = d.kind AND v.id = d.id
WHERE d.tenant_id = $1 AND d.kind = $2 AND d.agent_id = $3 AND d.deleted_at IS NULL
"""


async def hold_agent(connection: Connection, tenant_id: UUID, agent_id: UUID) -> None:
    """Be the only one, until the transaction ends, who changes the agent's scenarios and rules or what follows from them."""
    await connection.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", _DESIGNS_OF_AGENT, f"{tenant_id} {agent_id}")


async def head_of(connection: Connection, tenant_id: UUID, kind: DesignKind, design_id: UUID) -> Head | None:
    """The head with this id, whichever agent's, deleted or not."""
    row = await connection.fetchrow(
        "SELECT agent_id, version, created_at, deleted_at IS NOT NULL AS is_deleted FROM designs WHERE tenant_id = $1 AND kind = $2 AND id = $3",
        tenant_id,
        kind,
        design_id,
    )
    return Head(kind, design_id, row["agent_id"], row["version"], row["created_at"], row["is_deleted"]) if row else None


async def insert_head(connection: Connection, tenant_id: UUID, version: Version) -> bool:
    """Whether this statement made the head; not where the id is taken meanwhile."""
    made = await connection.fetchval(
        """
        INSERT INTO designs (tenant_id, kind, id, agent_id, name, version, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
        ON CONFLICT DO NOTHING RETURNING true
        """,
        tenant_id,
        version.kind,
        version.id,
        version.agent_id,
        version.content.name,
        version.version,
        version.saved_at,
    )
    return made is not None


async def move_head(connection: Connection, tenant_id: UUID, version: Version) -> None:
    """Let this version stand; a deleted head comes back."""
    await connection.execute(
        """
        UPDATE designs SET name = $4, version = $5, updated_at = $6, deleted_at = NULL
        WHERE tenant_id = $1 AND kind = $2 AND id = $3
        """,
        tenant_id,
        version.kind,
        version.id,
        version.content.name,
        version.version,
        version.saved_at,
    )


async def insert_version(connection: Connection, tenant_id: UUID, version: Version, saved_by: UUID) -> None:
    """Keep a version for ever."""
    await connection.execute(
        """
        INSERT INTO design_versions (tenant_id, kind, id, version, content, content_hash, saved_at, saved_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        tenant_id,
        version.kind,
        version.id,
        version.version,
        version.content.model_dump_json(),
        version.content_hash,
        version.saved_at,
        saved_by,
    )


async def bury(connection: Connection, tenant_id: UUID, kind: DesignKind, agent_id: UUID, design_id: UUID, now: datetime) -> bool:
    """Whether this statement took it away."""
    buried = await connection.fetchval(
        """
        UPDATE designs SET deleted_at = $5, updated_at = $5
        WHERE tenant_id = $1 AND kind = $2 AND agent_id = $3 AND id = $4 AND deleted_at IS NULL RETURNING true
        """,
        tenant_id,
        kind,
        agent_id,
        design_id,
        now,
    )
    return buried is not None


async def version_of(
    connection: Connection, tenant_id: UUID, kind: DesignKind, agent_id: UUID, design_id: UUID, number: int | None = None
) -> Version | None:
    """The version with this number, or the one that stands; None for what is not the agent's, or deleted."""
    row = await connection.fetchrow(f"{_VERSION} AND d.id = $4 AND v.version = coalesce($5, d.version)", tenant_id, kind, agent_id, design_id, number)
    return _version(row) if row else None


async def standing_page(
    connection: Connection, tenant_id: UUID, kind: DesignKind, agent_id: UUID, after: tuple[str, UUID] | None, limit: int
) -> list[Version]:
    """Up to `limit` of the agent's, each in the version that stands, by name and id, after this one; by index `designs_of_agent`."""
    name, design_id = after or (None, None)
    rows = await connection.fetch(
        f"""
        {_VERSION} AND v.version = d.version AND ($4::text IS NULL OR (d.name, d.id) > ($4, $5::uuid))
        ORDER BY d.name, d.id LIMIT $6
        """,
        tenant_id,
        kind,
        agent_id,
        name,
        design_id,
        limit,
    )
    return [_version(row) for row in rows]


async def count_of_agent(connection: Connection, tenant_id: UUID, kind: DesignKind, agent_id: UUID) -> int:
    """How many of the kind the agent has, by index `designs_of_agent`."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM designs WHERE tenant_id = $1 AND kind = $2 AND agent_id = $3 AND deleted_at IS NULL", tenant_id, kind, agent_id
    )
    return count


async def outlines_of_agent(connection: Connection, tenant_id: UUID, agent_id: UUID, scenario_ids: Sequence[UUID] | None = None) -> Outlines:
    """The steps of each of the agent's scenarios, or of these alone, by the ids of the scenarios, in their order."""
    rows = await connection.fetch(
        """
        SELECT d.id, ARRAY(SELECT (step->>'id')::uuid FROM jsonb_array_elements(v.content->'steps') AS step) AS step_ids
        FROM designs d JOIN design_versions v ON v.tenant_id = d.tenant_id AND v.kind = d.kind AND v.id = d.id AND v.version = d.version
        WHERE d.tenant_id = $1 AND d.kind = 'scenario' AND d.agent_id = $2 AND d.deleted_at IS NULL AND ($3::uuid[] IS NULL OR d.id = ANY($3))
        ORDER BY d.id
        """,
        tenant_id,
        agent_id,
        scenario_ids,
    )
    return {row["id"]: frozenset(row["step_ids"]) for row in rows}


def _version(row: asyncpg.Record) -> Version:
    kind = DesignKind(row["kind"])
    return Version(
        kind=kind,
        id=row["id"],
        agent_id=row["agent_id"],
        version=row["version"],
        content=CONTENT_OF[kind].model_validate_json(row["content"]),
        content_hash=row["content_hash"],
        created_at=row["created_at"],
        saved_at=row["saved_at"],
    )
