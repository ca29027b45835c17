"""Requirements of an agent's scenarios: listed, written by hand, reviewed by a human, taken away."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from factbook.access import CurrentDatabase, CurrentPrincipal, require_human
from factbook.idempotency import IDEMPOTENCY_KEY_REUSED, CurrentIdempotentRequest
from factbook.kernel import clock
from factbook.kernel.openapi import problem_answers
from factbook.kernel.paging import DEFAULT_LIMIT, CursorText, Limit
from factbook.kernel.problems import HUMAN_REQUIRED, NOT_FOUND, SCOPE_REQUIRED
from factbook.profile import CONDITION_INVALID, REQUIREMENT_CONTRADICTS, CurrentBackend, ScenarioFieldRequirement, require_designer
from factbook.scenarios.requirements import operations
from factbook.scenarios.requirements.answers import requirements_page
from factbook.scenarios.requirements.wire import RequirementPage, RequirementRequest, ReviewRequest

router = APIRouter(tags=["scenarios"], prefix="/agents/{agent_id}/requirements")
_STANDING: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "There was one of this scenario, step, rule and field, or it was saved before under this key.",
        "model": ScenarioFieldRequirement,
    }
}
_WRITING = problem_answers(
    SCOPE_REQUIRED, NOT_FOUND, REQUIREMENT_CONTRADICTS, CONDITION_INVALID, operations.TOO_MANY_REQUIREMENTS, IDEMPOTENCY_KEY_REUSED
)


@router.get("", summary="An agent's requirements", responses=problem_answers(NOT_FOUND))
async def list_requirements(
    principal: CurrentPrincipal,
    database: CurrentDatabase,
    agent_id: UUID,
    scenario_id: Annotated[UUID | None, Query(description="Those of the whole of this scenario.")] = None,
    step_id: Annotated[UUID | None, Query(description="Beside them those of this step.")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> RequirementPage:
    """By scenario and in collection order, rejected ones among them. Without a scenario: all, those of steps too."""
    return await requirements_page(database, principal.tenant_id, agent_id, scenario_id, step_id, limit, cursor)


@router.post("", summary="Write a requirement by hand", status_code=201, responses=_STANDING | _WRITING)
async def post_requirement(
    principal: CurrentPrincipal,
    backend: CurrentBackend,
    agent_id: UUID,
    wanted: RequirementRequest,
    request: CurrentIdempotentRequest,
    response: Response,
) -> ScenarioFieldRequirement:
    """Takes the place of the requirement of the same scenario, step, rule and field, whose id stays. No reading of the text changes it."""
    require_designer(principal)
    requirement = wanted.requirement(principal.tenant_id, agent_id, clock.now())
    saved, is_new = await operations.save_requirement(backend, principal, requirement, request)
    response.status_code = 201 if is_new else 200
    return saved


@router.delete("/{requirement_id}", summary="Take a requirement away", status_code=204, responses=problem_answers(SCOPE_REQUIRED, NOT_FOUND))
async def delete_requirement(principal: CurrentPrincipal, backend: CurrentBackend, agent_id: UUID, requirement_id: UUID) -> None:
    """No decision about the field: the next reading of the text may find it again. To be asked no more, reject it."""
    require_designer(principal)
    await operations.delete_requirement(backend, principal, agent_id, requirement_id)


@router.post("/{requirement_id}/review", summary="Review a requirement", responses=problem_answers(HUMAN_REQUIRED, NOT_FOUND))
async def post_review(
    principal: CurrentPrincipal, backend: CurrentBackend, agent_id: UUID, requirement_id: UUID, wanted: ReviewRequest
) -> ScenarioFieldRequirement:
    """A human accepts or rejects it, and it is flagged no more. The last decision counts; what is rejected is not missed any more."""
    require_human(principal)
    return await operations.decide_requirement(backend, principal, agent_id, requirement_id, wanted.decision)
