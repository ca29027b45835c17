"""DELETE a person."""

from uuid import UUID

from fastapi import APIRouter

from factbook.access import CurrentDatabase, CurrentPrincipal
from factbook.kernel.openapi import problem_answers
from factbook.kernel.problems import HUMAN_REQUIRED, NOT_FOUND
from factbook.persona.erasing.operations import erase_person

router = APIRouter(tags=["persona"], prefix="/person")


@router.delete("/{person_id}", summary="Erase a person", status_code=204, responses=problem_answers(HUMAN_REQUIRED, NOT_FOUND))
async def delete_person(principal: CurrentPrincipal, database: CurrentDatabase, person_id: UUID) -> None:
    """A human erases the person with all that was submitted and computed, at once and for good. `factbook purge` takes the old bytes off the disk."""
    await erase_person(database, principal, person_id)
