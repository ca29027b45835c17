"""The SQL of extractions: one row for each version that is read, from the save that asks for it to what was found."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from factbook.database.pools import Connection
from factbook.scenarios.extraction.model import Extraction, Finding, Reading, RuleInForce
from factbook.scenarios.model import DesignKind, Rule, Version

_FINDINGS = TypeAdapter(tuple[Finding, ...])


async def ask(connection: Connection, tenant_id: UUID, version: Version, job_id: UUID) -> None:
    """Note that this job is to read the version, and that older ones need not be read any more."""
    await connection.execute(
        """
        UPDATE requirement_extractions SET state = 'superseded', ended_at = $5
        WHERE tenant_id = $1 AND kind = $2 AND id = $3 AND version < $4 AND state = 'waiting'
        """,
        tenant_id,
        version.kind,
        version.id,
        version.version,
        version.saved_at,
    )
    await connection.execute(
        """
        INSERT INTO requirement_extractions (tenant_id, kind, id, version, job_id, state, asked_at) VALUES ($1, $2, $3, $4, $5, 'waiting', $6)
        """,
        tenant_id,
        version.kind,
        version.id,
        version.version,
        job_id,
        version.saved_at,
    )


async def ask_again(connection: Connection, tenant_id: UUID, version: Version, job_id: UUID, now: datetime) -> None:
    """Note that this job is to read a version anew. What was found in it before counts until then."""
    await connection.execute(
        """
        UPDATE requirement_extractions SET state = 'waiting', job_id = $5, asked_at = $6, ended_at = NULL
        WHERE tenant_id = $1 AND kind = $2 AND id = $3 AND version = $4
        """,
        tenant_id,
        version.kind,
        version.id,
        version.version,
        job_id,
        now,
    )


async def keep_reading(connection: Connection, tenant_id: UUID, version: Version, reading: Reading, now: datetime) -> None:
    """Keep what was found in the version."""
    await connection.execute(
        """
        UPDATE requirement_extractions SET state = 'done', extractor = $5, prompt_version = $6, found = $7, left_out = $8, ended_at = $9
        WHERE tenant_id = $1 AND kind = $2 AND id = $3 AND version = $4
        """,
        tenant_id,
        version.kind,
        version.id,
        version.version,
        reading.extractor,
        reading.prompt_version,
        _FINDINGS.dump_json(reading.findings).decode(),
        reading.left_out,
        now,
    )


async def extractions_of(
    connection: Connection, tenant_id: UUID, kind: DesignKind, versions: Sequence[tuple[UUID, int]]
) -> dict[tuple[UUID, int], Extraction]:
    """How reading each of these versions stands, as far as somebody asked for it. A job that failed for good says why."""
    rows = await connection.fetch(
        """
        SELECT e.id, e.version, CASE WHEN e.state = 'waiting' AND j.state = 'failed' THEN 'failed' ELSE e.state END AS state,
            e.extractor, e.prompt_version, jsonb_array_length(e.found) AS found, e.left_out,
            CASE WHEN e.state = 'waiting' THEN j.reason END AS failure, e.asked_at,
            CASE WHEN e.state = 'waiting' AND j.state = 'failed' THEN j.finished_at ELSE e.ended_at END AS ended_at
        FROM unnest($3::uuid[], $4::integer[]) AS asked (id, version)
        JOIN requirement_extractions e ON e.tenant_id = $1 AND e.kind = $2 AND e.id = asked.id AND e.version = asked.version
        LEFT JOIN queued_jobs j ON j.tenant_id = e.tenant_id AND j.id = e.job_id
        """,
        tenant_id,
        kind,
        [design_id for design_id, _ in versions],
        [version for _, version in versions],
    )
    return {(row["id"], row["version"]): _extraction(row) for row in rows}


async def findings_of(connection: Connection, tenant_id: UUID, kind: DesignKind, design_id: UUID, version: int) -> tuple[Finding, ...]:
    """What was found in the version, in the order in which it comes up; nothing while nobody has read it."""
    found = await connection.fetchval(
        "SELECT found FROM requirement_extractions WHERE tenant_id = $1 AND kind = $2 AND id = $3 AND version = $4",
        tenant_id,
        kind,
        design_id,
        version,
    )
    return _FINDINGS.validate_json(found) if found is not None else ()


async def findings_page(
    connection: Connection, tenant_id: UUID, kind: DesignKind, design_id: UUID, version: int, begin: int, limit: int
) -> tuple[Finding, ...]:
    """Up to `limit` of what was found in the version, from the `begin`-th on, which counts from 0."""
    found = await connection.fetchval(
        """
        SELECT jsonb_path_query_array(found, format('$[%s to %s]', $5::integer, $6::integer)::jsonpath)
        FROM requirement_extractions WHERE tenant_id = $1 AND kind = $2 AND id = $3 AND version = $4
        """,
        tenant_id,
        kind,
        design_id,
        version,
        begin,
        begin + limit - 1,
    )
    return _FINDINGS.validate_json(found) if found is not None else ()


async def findings_before(connection: Connection, tenant_id: UUID, kind: DesignKind, design_id: UUID, version: int) -> tuple[Finding, ...]:
    """What was last found in a version before this one; nothing where none was ever read."""
    found = await connection.fetchval(
        """
        SELECT found FROM requirement_extractions WHERE tenant_id = $1 AND kind = $2 AND id = $3 AND version < $4 AND found IS NOT NULL
        ORDER BY version DESC LIMIT 1
        """,
        tenant_id,
        kind,
        design_id,
        version,
    )
    return _FINDINGS.validate_json(found) if found is not None else ()


async def rules_in_force(connection: Connection, tenant_id: UUID, agent_id: UUID) -> list[RuleInForce]:
    """The agent's rules, each as it stands and with what was last found in it."""
    rows = await connection.fetch(
        """
        SELECT d.id, v.content, coalesce(e.found, '[]') AS found
        FROM designs d JOIN design_versions v ON v.tenant_id = d.tenant_id AND v.kind = d.kind AND v.id = d.id AND v.version = d.version
        LEFT JOIN LATERAL (
            SELECT found FROM requirement_extractions r
            WHERE r.tenant_id = d.tenant_id AND r.kind = d.kind AND r.id = d.id AND r.found IS NOT NULL ORDER BY r.version DESC LIMIT 1
        ) AS e ON true
        WHERE d.tenant_id = $1 AND d.kind = 'rule' AND d.agent_id = $2 AND d.deleted_at IS NULL
        ORDER BY d.id
        """,
        tenant_id,
        agent_id,
    )
    return [RuleInForce(row["id"], Rule.model_validate_json(row["content"]), _FINDINGS.validate_json(row["found"])) for row in rows]


def _extraction(row: asyncpg.Record) -> Extraction:
    return Extraction.model_validate({name: row[name] for name in Extraction.model_fields})
