"""The SQL of scenarios' requirements. Those that are taken away keep their rows."""

from datetime import datetime
from uuid import UUID

import asyncpg

from factbook.database.pools import Connection
from factbook.profile.schema_model import ScenarioFieldRequirement

_KEY = ("tenant_id", "id", "agent_id", "scenario_id", "step_id", "rule_id", "field_name", "created_at")
_CHANGED = tuple(name for name in ScenarioFieldRequirement.model_fields if name not in _KEY)
_COLUMNS = (*_KEY, *_CHANGED)


async def upsert_requirement(connection: Connection, requirement: ScenarioFieldRequirement) -> ScenarioFieldRequirement:
    """Create the requirement, or replace the one of its scenario, step, rule and field, whose id and time of creation stay."""
    places = ", ".join(f"${place}" for place in range(1, len(_COLUMNS) + 1))
    row = await connection.fetchrow(
        f"""
        INSERT INTO scenario_field_requirements ({", ".join(_COLUMNS)}) VALUES ({places})
        ON CONFLICT (tenant_id, scenario_id, step_id, rule_id, field_name) WHERE deleted_at IS NULL
        DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in _CHANGED)} RETURNING {", ".join(_COLUMNS)}
        """,
        *(getattr(requirement, name) for name in _COLUMNS),
    )
    return _requirement(row)


async def delete_requirements(connection: Connection, tenant_id: UUID, scenario_id: UUID, step_id: UUID | None, now: datetime) -> int:
    """Take away the scenario's requirements, those of one step alone if it is given, and tell how many."""
    rows = await connection.fetch(
        """
        UPDATE scenario_field_requirements SET deleted_at = $4
        WHERE tenant_id = $1 AND scenario_id = $2 AND ($3::uuid IS NULL OR step_id = $3) AND deleted_at IS NULL RETURNING id
        """,
        tenant_id,
        scenario_id,
        step_id,
        now,
    )
    return len(rows)


async def requirements_of_scenario(connection: Connection, tenant_id: UUID, scenario_id: UUID) -> list[ScenarioFieldRequirement]:
    """All requirements of the scenario, of all its steps, in collection order, by index `requirements_one_of_field`."""
    rows = await connection.fetch(
        f"""
        SELECT {", ".join(_COLUMNS)} FROM scenario_field_requirements
        WHERE tenant_id = $1 AND scenario_id = $2 AND deleted_at IS NULL ORDER BY collection_order, field_name, id
        """,
        tenant_id,
        scenario_id,
    )
    return [_requirement(row) for row in rows]


def _requirement(row: asyncpg.Record | None) -> ScenarioFieldRequirement:
    if row is None:
        raise LookupError("there is no such requirement")
    return ScenarioFieldRequirement.model_validate(dict(row))
