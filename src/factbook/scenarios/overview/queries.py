"""Reads of scenarios across agents, and of what was found in texts, each bounded by a page."""

from collections.abc import Sequence
from uuid import UUID

from factbook.database.pools import Connection
from factbook.kernel.problems import NOT_FOUND
from factbook.scenarios.designs_store import version_of
from factbook.scenarios.extraction.extractions_store import extractions_of
from factbook.scenarios.extraction.model import Extraction, ExtractionState, Finding
from factbook.scenarios.model import DesignKind, Version
from factbook.scenarios.overview.model import Found, ScenarioLine

# Where a scenario stands among all: its agent, its name, its id.
ScenarioPlace = tuple[UUID, str, UUID]


async def scenarios_after(connection: Connection, tenant_id: UUID, after: ScenarioPlace | None, limit: int) -> list[ScenarioLine]:
    """Up to `limit` scenarios of all agents, by agent, name and id, after this place; by index `designs_of_agent`."""
    rows = await connection.fetch(
        """
        SELECT d.agent_id, d.id, d.name, d.version, v.saved_at, coalesce((v.content->>'enabled')::boolean, true) AS enabled,
            coalesce(jsonb_array_length(v.content->'steps'), 0) AS steps,
            CASE WHEN e.state = 'waiting' AND j.state = 'failed' THEN 'failed' ELSE e.state END AS extraction
        FROM (
            SELECT * FROM designs
            WHERE tenant_id = $1 AND kind = 'scenario' AND deleted_at IS NULL
                AND ($2::uuid IS NULL OR (agent_id, name, id) > ($2, $3::text, $4::uuid))
            ORDER BY agent_id, name, id LIMIT $5
        ) AS d
        JOIN design_versions v ON v.tenant_id = d.tenant_id AND v.kind = d.kind AND v.id = d.id AND v.version = d.version
        LEFT JOIN requirement_extractions e ON e.tenant_id = d.tenant_id AND e.kind = d.kind AND e.id = d.id AND e.version = d.version
        LEFT JOIN queued_jobs j ON j.tenant_id = e.tenant_id AND j.id = e.job_id
        ORDER BY d.agent_id, d.name, d.id
        """,
        tenant_id,
        *(after or (None, None, None)),
        limit,
    )
    return [ScenarioLine(**{**row, "extraction": row["extraction"] and ExtractionState(row["extraction"])}) for row in rows]


async def standing_scenario(connection: Connection, tenant_id: UUID, agent_id: UUID, scenario_id: UUID) -> tuple[Version, Extraction | None]:
    """The version that stands and how reading it stands, else 404."""
    version = await version_of(connection, tenant_id, DesignKind.SCENARIO, agent_id, scenario_id)
    if version is None:
        raise NOT_FOUND.because("No such scenario.")
    key = (version.id, version.version)
    return version, (await extractions_of(connection, tenant_id, DesignKind.SCENARIO, [key])).get(key)


async def found_in(connection: Connection, tenant_id: UUID, scenario_id: UUID, rule_ids: Sequence[UUID], field_names: Sequence[str]) -> list[Found]:
    """What was last found of these fields in the scenario and in these rules: the surest finding of each field and step, the first of equals."""
    designs = [(DesignKind.SCENARIO, scenario_id), *((DesignKind.RULE, rule_id) for rule_id in rule_ids)]
    rows = await connection.fetch(
        """
        SELECT DISTINCT ON (d.id, f.finding->>'field_name', f.finding->>'step_id') d.id, d.name, f.finding
        FROM unnest($2::text[], $3::uuid[]) AS asked (kind, id)
        JOIN designs d ON d.tenant_id = $1 AND d.kind = asked.kind AND d.id = asked.id
        CROSS JOIN LATERAL (
            SELECT found FROM requirement_extractions r
            WHERE r.tenant_id = $1 AND r.kind = d.kind AND r.id = d.id AND r.found IS NOT NULL ORDER BY r.version DESC LIMIT 1
        ) AS e
        CROSS JOIN LATERAL jsonb_array_elements(e.found) WITH ORDINALITY AS f (finding, place)
        WHERE f.finding->>'field_name' = ANY($4::text[])
        ORDER BY d.id, f.finding->>'field_name', f.finding->>'step_id', (f.finding->>'confidence')::float DESC, f.place
        """,
        tenant_id,
        [kind for kind, _ in designs],
        [design_id for _, design_id in designs],
        list(field_names),
    )
    return [Found(row["id"], row["name"], Finding.model_validate_json(row["finding"])) for row in rows]
