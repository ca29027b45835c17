"""GET what a scenario still needs of a customer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from factbook.access import CurrentPrincipal
from factbook.kernel.openapi import problem_answers
from factbook.kernel.problems import NOT_FOUND
from factbook.profile import SEALED_VALUE_UNREADABLE, Asked, CurrentBackend, CustomerInPath
from factbook.scenarios.missing.answers import missing_fields_answer
from factbook.scenarios.missing.wire import Level, MissingFields

router = APIRouter(tags=["scenarios"], prefix="/customers/{customer_id}/profile/missing-fields")


@router.get("", summary="What a scenario still needs", responses=problem_answers(NOT_FOUND, SEALED_VALUE_UNREADABLE))
async def get_missing_fields(
    principal: CurrentPrincipal,
    backend: CurrentBackend,
    customer_id: CustomerInPath,
    scenario_id: Annotated[UUID, Query(description="The scenario whose requirements count.")],
    agent_id: Annotated[UUID | None, Query(description="The agent whose scenario it is.")] = None,
    step_id: Annotated[UUID | None, Query(description="Beside those of the whole scenario, the requirements of this step.")] = None,
    level: Annotated[Level, Query(description="Hard ones, without which the scenario cannot go on; soft ones; or both.")] = Level.HARD,
) -> MissingFields:
    """The requirements that the profile does not meet, in collection order, each with the definition of its field and why it is not met.

    `entry` says whether the scenario may begin without them.
    """
    asked = Asked(scenario_id, step_id, agent_id)
    return MissingFields.of(*await missing_fields_answer(backend, principal.tenant_id, customer_id, asked, level.required))
