"""The SQL of scenarios' requirements. Those that are taken away keep their rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from factbook.database.pools import Connection
from factbook.profile.schema_model import RequirementReviewState, Review, ScenarioFieldRequirement

_KEY = ("tenant_id", "id", "agent_id", "scenario_id", "step_id", "rule_id", "field_name", "created_at")
_CHANGED = tuple(name for name in ScenarioFieldRequirement.model_fields if name not in _KEY)
_COLUMNS = (*_KEY, *_CHANGED)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM scenario_field_requirements WHERE tenant_id = $1 AND deleted_at IS NULL"
_UPSERT = f"""
    INSERT INTO scenario_field_requirements AS standing ({", ".join(_COLUMNS)})
    VALUES ({", ".join(f"${place}" for place in range(1, len(_COLUMNS) + 1))})
    ON CONFLICT (tenant_id, scenario_id, step_id, rule_id, field_name) WHERE deleted_at IS NULL
    DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in _CHANGED)}
"""
# Nobody's word but the extraction's: a human neither wrote the row nor decided about it.
_BY_NO_HAND = "origin = 'auto' AND review IS NULL"

# Where a requirement stands in lists.
RequirementPlace = tuple[UUID, int, str, UUID]
PlaceInScenario = tuple[int, str, UUID]


async def upsert_requirement(connection: Connection, requirement: ScenarioFieldRequirement) -> ScenarioFieldRequirement:
    """Create the requirement, or replace the one of its scenario, step, rule and field, whose id and time of creation stay."""
    row = await connection.fetchrow(f"{_UPSERT} RETURNING {', '.join(_COLUMNS)}", *_values(requirement))
    return _requirement(row)


async def upsert_automatic(connection: Connection, requirements: Sequence[ScenarioFieldRequirement]) -> None:
    """Create or replace these, each by its scenario, step, rule and field. What a human wrote or reviewed stays as it is."""
    guard = _BY_NO_HAND.replace("origin", "standing.origin").replace("review", "standing.review")
    await connection.executemany(f"{_UPSERT} WHERE {guard}", [_values(requirement) for requirement in requirements])


async def delete_automatic(connection: Connection, tenant_id: UUID, requirement_ids: Sequence[UUID], now: datetime) -> None:
    """Take these away, but for those that a human wrote or reviewed."""
    await connection.execute(
        f"UPDATE scenario_field_requirements SET deleted_at = $3 WHERE tenant_id = $1 AND id = ANY($2) AND deleted_at IS NULL AND {_BY_NO_HAND}",
        tenant_id,
        requirement_ids,
        now,
    )


async def delete_automatic_of_rule(connection: Connection, tenant_id: UUID, rule_id: UUID, now: datetime) -> set[UUID]:
    """Take away what was found in the rule, reviewed or not, and tell in which scenarios it was needed. By index `requirements_of_rule`."""
    rows = await connection.fetch(
        """
        UPDATE scenario_field_requirements SET deleted_at = $3
        WHERE tenant_id = $1 AND rule_id = $2 AND origin = 'auto' AND deleted_at IS NULL RETURNING scenario_id
        """,
        tenant_id,
        rule_id,
        now,
    )
    return {row["scenario_id"] for row in rows}


async def delete_requirement(connection: Connection, tenant_id: UUID, requirement_id: UUID, now: datetime) -> None:
    """Take one requirement away."""
    await connection.execute(
        "UPDATE scenario_field_requirements SET deleted_at = $3 WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL",
        tenant_id,
        requirement_id,
        now,
    )


async def review_requirement(
    connection: Connection, tenant_id: UUID, requirement_id: UUID, review: Review, now: datetime
) -> ScenarioFieldRequirement:
    """Write down what a human said of the requirement, which needs to be looked at no more."""
    row = await connection.fetchrow(
        f"""
        UPDATE scenario_field_requirements SET review = $3, needs_human_review = false, updated_at = $4
        WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING {", ".join(_COLUMNS)}
        """,
        tenant_id,
        requirement_id,
        review,
        now,
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
    rows = await connection.fetch(f"{_SELECT} AND scenario_id = $2 ORDER BY collection_order, field_name, id", tenant_id, scenario_id)
    return [_requirement(row) for row in rows]


async def requirements_of_rule(connection: Connection, tenant_id: UUID, rule_id: UUID) -> list[ScenarioFieldRequirement]:
    """All requirements of the rule, in whichever scenarios, by index `requirements_of_rule`."""
    rows = await connection.fetch(f"{_SELECT} AND rule_id = $2 ORDER BY id", tenant_id, rule_id)
    return [_requirement(row) for row in rows]


async def requirement_counts(
    connection: Connection, tenant_id: UUID, agent_id: UUID, scenario_id: UUID | None, but_of_rule: UUID | None
) -> dict[UUID, int]:
    """How many requirements each of the agent's scenarios has, or this one alone; those of a rule left out, if one is given.

    By index `requirements_of_agent`.
    """
    rows = await connection.fetch(
        """
        SELECT scenario_id, count(*) AS count FROM scenario_field_requirements
        WHERE tenant_id = $1 AND agent_id = $2 AND deleted_at IS NULL
        AND ($3::uuid IS NULL OR scenario_id = $3) AND ($4::uuid IS NULL OR rule_id IS DISTINCT FROM $4)
        GROUP BY scenario_id
        """,
        tenant_id,
        agent_id,
        scenario_id,
        but_of_rule,
    )
    return {row["scenario_id"]: row["count"] for row in rows}


async def requirement_with_id(connection: Connection, tenant_id: UUID, agent_id: UUID, requirement_id: UUID) -> ScenarioFieldRequirement | None:
    """The agent's requirement with this id."""
    row = await connection.fetchrow(f"{_SELECT} AND agent_id = $2 AND id = $3", tenant_id, agent_id, requirement_id)
    return _requirement(row) if row else None


async def requirement_of_key(connection: Connection, requirement: ScenarioFieldRequirement) -> ScenarioFieldRequirement | None:
    """The requirement of the same scenario, step, rule and field, by index `requirements_one_of_field`."""
    row = await connection.fetchrow(
        f"{_SELECT} AND scenario_id = $2 AND step_id IS NOT DISTINCT FROM $3 AND rule_id IS NOT DISTINCT FROM $4 AND field_name = $5",
        requirement.tenant_id,
        requirement.scenario_id,
        requirement.step_id,
        requirement.rule_id,
        requirement.field_name,
    )
    return _requirement(row) if row else None


async def requirement_page(
    connection: Connection,
    tenant_id: UUID,
    agent_id: UUID,
    scenario_id: UUID | None,
    step_id: UUID | None,
    after: RequirementPlace | None,
    limit: int,
) -> list[ScenarioFieldRequirement]:
    """Up to `limit` of the agent's requirements after this place, by scenario and in collection order, by index `requirements_of_agent`.

    Of one scenario: those of the whole of it, and those of the step if one is given. Without a scenario: all.
    """
    rows = await connection.fetch(
        f"""
        {_SELECT} AND agent_id = $2 AND ($3::uuid IS NULL OR (scenario_id = $3 AND (step_id IS NULL OR step_id = $4)))
        AND ($5::uuid IS NULL OR (scenario_id, collection_order, field_name, id) > ($5, $6::integer, $7::text, $8::uuid))
        ORDER BY scenario_id, collection_order, field_name, id LIMIT $9
        """,
        tenant_id,
        agent_id,
        scenario_id,
        step_id,
        *(after or (None, None, None, None)),
        limit,
    )
    return [_requirement(row) for row in rows]


async def requirements_after(
    connection: Connection, tenant_id: UUID, agent_id: UUID, scenario_id: UUID, after: PlaceInScenario | None, limit: int
) -> list[ScenarioFieldRequirement]:
    """Up to `limit` requirements of the agent's scenario, of all its steps, in collection order, after this place; by `requirements_of_agent`."""
    rows = await connection.fetch(
        f"""
        {_SELECT} AND agent_id = $2 AND scenario_id = $3
        AND ($4::integer IS NULL OR (collection_order, field_name, id) > ($4, $5::text, $6::uuid))
        ORDER BY collection_order, field_name, id LIMIT $7
        """,
        tenant_id,
        agent_id,
        scenario_id,
        *(after or (None, None, None)),
        limit,
    )
    return [_requirement(row) for row in rows]


async def requirements_by_review(
    connection: Connection, tenant_id: UUID, scenarios: Sequence[tuple[UUID, UUID]], most: int
) -> dict[UUID, dict[RequirementReviewState, int]]:
    """How many requirements each of these scenarios has, by how they are reviewed, counted up to `most`; by index `requirements_of_agent`.

    A scenario is named by its agent and its own id.
    """
    rows = await connection.fetch(
        """
        SELECT asked.id, counted.state, count(*) AS count FROM unnest($2::uuid[], $3::uuid[]) AS asked (agent_id, id)
        CROSS JOIN LATERAL (
            SELECT coalesce(r.review, CASE WHEN r.needs_human_review THEN 'needs_review' ELSE 'not_reviewed' END) AS state
            FROM scenario_field_requirements r
            WHERE r.tenant_id = $1 AND r.agent_id = asked.agent_id AND r.scenario_id = asked.id AND r.deleted_at IS NULL LIMIT $4
        ) AS counted
        GROUP BY asked.id, counted.state
        """,
        tenant_id,
        [agent_id for agent_id, _ in scenarios],
        [scenario_id for _, scenario_id in scenarios],
        most,
    )
    counts: dict[UUID, dict[RequirementReviewState, int]] = {}
    for row in rows:
        counts.setdefault(row["id"], {})[RequirementReviewState(row["state"])] = row["count"]
    return counts


def _values(requirement: ScenarioFieldRequirement) -> tuple[Any, ...]:
    return tuple(getattr(requirement, name) for name in _COLUMNS)


def _requirement(row: asyncpg.Record | None) -> ScenarioFieldRequirement:
    if row is None:
        raise LookupError("there is no such requirement")
    return ScenarioFieldRequirement.model_validate(dict(row))
