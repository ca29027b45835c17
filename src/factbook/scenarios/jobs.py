"""The job that reads what a designer saved."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from factbook.jobs import GivesUp, Run, job
from factbook.language import LanguageFailure, LLMExecutor
from factbook.profile import Backend, condition_fault
from factbook.scenarios.extraction.extractor import ProfileItemSchemaExtractor
from factbook.scenarios.extraction.operations import read_version
from factbook.scenarios.model import DesignKind


class VersionToRead(BaseModel):
    """A version of a scenario or rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: DesignKind
    id: UUID
    version: Annotated[int, Field(ge=1)]


@job("extract_requirements", input=VersionToRead, retries=5, key=lambda version: f"{version.kind} {version.id} {version.version}")
async def extract_requirements(version: VersionToRead, run: Run) -> None:
    """Find the fields that the version needs. What would fail again is not tried again."""
    extractor = ProfileItemSchemaExtractor(run.tool(LLMExecutor), condition_fault)
    try:
        await read_version(run.tool(Backend), extractor, run, version.kind, version.id, version.version)
    except LanguageFailure as failure:
        if failure.retryable:
            raise
        raise GivesUp(str(failure)) from failure


jobs = (extract_requirements,)
