"""Suggesting definitions for what a version needs and nobody defined, some fields at a time. What was read stands whatever becomes of this."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from prometheus_client import Counter

from factbook.jobs import Run
from factbook.language import FoundRequirement, LanguageFailure, SuggestedDefinition
from factbook.profile import SYSTEM, Backend, changing, definitions_of_agent, expression_fault, suggest_definitions
from factbook.scenarios.designs_store import head_of, hold_agent, version_of
from factbook.scenarios.extraction.extractions_store import findings_of
from factbook.scenarios.extraction.extractor import ProfileItemSchemaExtractor
from factbook.scenarios.extraction.model import Parts
from factbook.scenarios.extraction.part_rules import parts_of
from factbook.scenarios.extraction.suggestion_rules import suggestions, undefined_fields
from factbook.scenarios.model import DesignKind, Version

# In one question: an answer of a model for so many is well below the tokens that it may have.
FIELDS_AT_ONCE = 20
SUGGESTIONS = Counter(
    "factbook_definition_suggestions_total", "Questions for definitions of fields that nobody defined, by how they ended.", ["outcome"]
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Undefined:
    """The fields of a version that nobody defined or suggested, and the texts that need them."""

    version: Version
    parts: Parts
    fields: tuple[FoundRequirement, ...]


async def suggest_for_version(
    backend: Backend, extractor: ProfileItemSchemaExtractor, run: Run, kind: DesignKind, design_id: UUID, number: int
) -> None:
    """Save a suggestion for each field of the version that has no definition. Nothing is done where another version stands by now.

    Raises a `LanguageFailure` where they cannot be had; those that were saved before stay, and the next run asks for the others alone.
    """
    undefined = await _undefined(backend, run, kind, design_id, number)
    for version, parts, fields in _batches(undefined):
        try:
            answered = await extractor.suggest_field_definitions(parts, fields)
        except LanguageFailure as failure:
            SUGGESTIONS.labels(type(failure).__name__).inc()
            log.warning("field_definitions_suggest_failed", failure=type(failure).__name__, **_ids(run, version))
            raise
        SUGGESTIONS.labels("done").inc()
        await _write(backend, run, version, fields, answered)


async def suggest_plainly(backend: Backend, run: Run, kind: DesignKind, design_id: UUID, number: int) -> None:
    """Save for each field that has no definition a suggestion that says what the text says of it, and nothing else."""
    for version, _, fields in _batches(await _undefined(backend, run, kind, design_id, number)):
        await _write(backend, run, version, fields, ())


async def _undefined(backend: Backend, run: Run, kind: DesignKind, design_id: UUID, number: int) -> _Undefined | None:
    async with backend.database.reading(run.tenant_id) as connection:
        head = await head_of(connection, run.tenant_id, kind, design_id)
        version = await version_of(connection, run.tenant_id, kind, head.agent_id, design_id) if head is not None else None
        if version is None or version.version != number:
            return None
        findings = await findings_of(connection, run.tenant_id, kind, design_id, number)
        known = await definitions_of_agent(connection, run.tenant_id, version.agent_id)
    parts = parts_of(version.content, None)
    return _Undefined(version, parts, undefined_fields(parts, findings, (definition.name for definition in known)))


def _batches(undefined: _Undefined | None) -> Iterator[tuple[Version, Parts, tuple[FoundRequirement, ...]]]:
    if undefined is not None:
        for begin in range(0, len(undefined.fields), FIELDS_AT_ONCE):
            yield undefined.version, undefined.parts, undefined.fields[begin : begin + FIELDS_AT_ONCE]


async def _write(backend: Backend, run: Run, version: Version, asked: Sequence[FoundRequirement], answered: Sequence[SuggestedDefinition]) -> None:
    async with changing(backend, run.tenant_id, SYSTEM) as change:
        await hold_agent(change.connection, run.tenant_id, version.agent_id)
        head = await head_of(change.connection, run.tenant_id, version.kind, version.id)
        if head is None or head.is_deleted or head.version != version.version:
            return
        made = suggestions(run.tenant_id, version.agent_id, asked, answered, expression_fault, change.now)
        await suggest_definitions(change, made)
    log.info("field_definitions_suggested", suggested=len(made), answered=len(answered), **_ids(run, version))


def _ids(run: Run, version: Version) -> dict[str, str]:
    return {"tenant_id": str(run.tenant_id), "agent_id": str(version.agent_id), "design_id": str(version.id)}
