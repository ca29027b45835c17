"""The jobs that follow when a designer has saved: reading the text, and suggesting definitions for what it needs and nobody defined."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from factbook.database.pools import Connection
from factbook.jobs import GivesUp, Run, job
from factbook.kernel.wire import WholeNumber
from factbook.language import LanguageFailure, LLMExecutor
from factbook.profile import Backend, condition_fault
from factbook.scenarios.extraction.extractor import ProfileItemSchemaExtractor
from factbook.scenarios.extraction.operations import read_version
from factbook.scenarios.extraction.suggesting import suggest_for_version, suggest_plainly
from factbook.scenarios.model import DesignKind


class VersionToRead(BaseModel):
    """A version of a scenario or rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: DesignKind
    id: UUID
    version: Annotated[WholeNumber, Field(ge=1)]


def _key(version: VersionToRead) -> str:
    return f"{version.kind} {version.id} {version.version}"


@job("suggest_definitions", input=VersionToRead, retries=5, key=_key)
async def suggest_definitions(version: VersionToRead, run: Run) -> None:
    """Suggest definitions. Where nobody can be asked in the end, they say what the text says, and the job has failed all the same."""
    extractor = ProfileItemSchemaExtractor(run.tool(LLMExecutor), condition_fault)
    backend = run.tool(Backend)
    try:
        await suggest_for_version(backend, extractor, run, version.kind, version.id, version.version)
    except LanguageFailure as failure:
        if failure.retryable and run.attempt <= suggest_definitions.retries:
            raise
        await suggest_plainly(backend, run, version.kind, version.id, version.version)
        raise GivesUp(str(failure)) from failure


@job("extract_requirements", input=VersionToRead, retries=5, key=_key)
async def extract_requirements(version: VersionToRead, run: Run) -> None:
    """Find the fields that the version needs. What would fail again is not tried again."""
    extractor = ProfileItemSchemaExtractor(run.tool(LLMExecutor), condition_fault)

    async def suggest(connection: Connection, tenant_id: UUID) -> None:
        await suggest_definitions.enqueue(connection, tenant_id, version)

    try:
        await read_version(run.tool(Backend), extractor, run, version.kind, version.id, version.version, suggest)
    except LanguageFailure as failure:
        if failure.retryable:
            raise
        raise GivesUp(str(failure)) from failure


jobs = (extract_requirements, suggest_definitions)
