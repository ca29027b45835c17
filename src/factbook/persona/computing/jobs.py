"""The job that goes on where a request had to stop: the rest of a long history is read, and the persona computed, however long it takes."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from factbook.jobs import GivesUp, Run, job
from factbook.kernel.problems import NOT_FOUND, Problem
from factbook.language import LanguageFailure
from factbook.persona.computing.backend import Backend
from factbook.persona.computing.input_rules import PERSON_WITHOUT_DATA
from factbook.persona.computing.regenerating import Wish, regenerated
from factbook.persona.computing.taking import take_missing_notes


class PersonaToFinish(BaseModel):
    """Whose persona is to be computed, and who asked for it first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person_id: UUID
    asked_by: UUID


@job("finish_persona", input=PersonaToFinish, key=lambda wanted: str(wanted.person_id))
async def finish_persona(wanted: PersonaToFinish, run: Run) -> None:
    """Take the notes that are missing, the newest first, since who asks again begins with the oldest; then compute. Again, it finds nothing to do."""
    backend = run.tool(Backend)
    try:
        async with backend.turn(run.tenant_id, wanted.person_id):
            await take_missing_notes(backend, run.tenant_id, wanted.person_id, newest_first=True)
            await regenerated(backend, Wish(run.tenant_id, wanted.person_id, wanted.asked_by))
    except LanguageFailure as failure:
        if failure.retryable:
            raise
        raise GivesUp(str(failure)) from failure
    except Problem as problem:
        if problem.kind not in (NOT_FOUND, PERSON_WITHOUT_DATA):  # who was erased meanwhile needs no persona
            raise
