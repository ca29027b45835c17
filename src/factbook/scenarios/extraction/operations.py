"""Reading what a designer saved: its texts are read outside any transaction, and what follows is written in one, if the version still stands."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import structlog
from prometheus_client import Counter

from factbook.database.pools import Connection
from factbook.jobs import Run
from factbook.language import LanguageFailure
from factbook.profile import SYSTEM, Backend, ProfileFieldDefinition, changing, definitions_of_agent
from factbook.scenarios.designs_store import head_of, hold_agent, outlines_of_agent, version_of
from factbook.scenarios.extraction.extractions_store import keep_reading
from factbook.scenarios.extraction.extractor import ProfileItemSchemaExtractor
from factbook.scenarios.extraction.model import Parts, Reading
from factbook.scenarios.extraction.part_rules import parts_of
from factbook.scenarios.extraction.settling import settle_read
from factbook.scenarios.extraction.suggestion_rules import undefined_fields
from factbook.scenarios.model import DesignKind, Rule, RuleScope, Scenario, Version
from factbook.scenarios.wanted_fields import wanted_field

EXTRACTIONS = Counter("factbook_schema_extractions_total", "Versions read for requirements, by kind and how it ended.", ["kind", "outcome"])

# Queues a job in the caller's transaction.
Suggest: TypeAlias = Callable[[Connection, UUID], Awaitable[object]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Task:
    """A version that is to be read, its parts, and what its agent has defined or suggested already."""

    version: Version
    parts: Parts
    known: list[ProfileFieldDefinition]


async def read_version(
    backend: Backend, extractor: ProfileItemSchemaExtractor, run: Run, kind: DesignKind, design_id: UUID, number: int, suggest: Suggest
) -> None:
    """Find what the version needs and make it the agent's requirements. Nothing is done where another version stands by now.

    `suggest` queues what suggests definitions, where fields are needed that nobody defined. Raises a `LanguageFailure` where the texts cannot be
    read; then nothing has changed.
    """
    async with backend.database.reading(run.tenant_id) as connection:
        task = await _task(connection, run.tenant_id, kind, design_id, number)
    is_done = task is not None and await _write(backend, run, task, await _read(extractor, run, task), suggest)
    if not is_done:
        EXTRACTIONS.labels(kind, "superseded").inc()


async def _task(connection: Connection, tenant_id: UUID, kind: DesignKind, design_id: UUID, number: int) -> _Task | None:
    head = await head_of(connection, tenant_id, kind, design_id)
    version = await version_of(connection, tenant_id, kind, head.agent_id, design_id) if head is not None else None
    if version is None or version.version != number:
        return None
    scope_text = await _scope_text(connection, tenant_id, version.agent_id, version.content) if isinstance(version.content, Rule) else None
    return _Task(version, parts_of(version.content, scope_text), await definitions_of_agent(connection, tenant_id, version.agent_id))


async def _scope_text(connection: Connection, tenant_id: UUID, agent_id: UUID, rule: Rule) -> str | None:
    """What the rule is for, by the names of a scenario and a step; None for a global one."""
    if rule.scope is RuleScope.GLOBAL:
        return None
    outlines = await outlines_of_agent(connection, tenant_id, agent_id)
    of_scope = [scenario_id for scenario_id, steps in outlines.items() if rule.scope_id == scenario_id or rule.scope_id in steps]
    found = await version_of(connection, tenant_id, DesignKind.SCENARIO, agent_id, of_scope[0]) if of_scope else None
    if found is None or not isinstance(found.content, Scenario):
        return None
    return "\n".join([found.content.name, *(step.name for step in found.content.steps if step.id == rule.scope_id)])


async def _read(extractor: ProfileItemSchemaExtractor, run: Run, task: _Task) -> Reading:
    try:
        return await extractor.extract_requirements(task.parts, [wanted_field(definition) for definition in task.known])
    except LanguageFailure as failure:
        EXTRACTIONS.labels(task.version.kind, type(failure).__name__).inc()
        log.warning("schema_extraction_failed", failure=type(failure).__name__, **_facts(run, task.version))
        raise


async def _write(backend: Backend, run: Run, task: _Task, reading: Reading, suggest: Suggest) -> bool:
    """Whether the version still stood, so that what was read counts. The job is done either way."""
    version = task.version
    async with changing(backend, run.tenant_id, SYSTEM) as change:
        await hold_agent(change.connection, run.tenant_id, version.agent_id)
        await run.finish(change.connection)
        head = await head_of(change.connection, run.tenant_id, version.kind, version.id)
        if head is None or head.is_deleted or head.version != version.version:
            return False
        await keep_reading(change.connection, run.tenant_id, version, reading, change.now)
        await settle_read(change, version, reading.findings)
        if undefined_fields(task.parts, reading.findings, (definition.name for definition in task.known)):
            await suggest(change.connection, run.tenant_id)
    EXTRACTIONS.labels(version.kind, "done").inc()
    log.info(
        "schema_extraction_completed", extractor=reading.extractor, found=len(reading.findings), left_out=reading.left_out, **_facts(run, version)
    )
    if not reading.findings:
        log.info("schema_extraction_no_fields", **_facts(run, version))
    return True


def _facts(run: Run, version: Version) -> dict[str, str | int]:
    ids = {"tenant_id": str(run.tenant_id), "agent_id": str(version.agent_id), "design_id": str(version.id)}
    return {"kind": version.kind, "version": version.version, **ids}
