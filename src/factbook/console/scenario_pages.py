"""Scenarios of all agents, and one with what it needs. Reviewing stays with the API: a page shows the call and makes none."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from factbook.access import CurrentDatabase
from factbook.console.pages import page
from factbook.console.viewers import Viewer
from factbook.kernel.paging import CursorText
from factbook.profile import RequirementReviewState
from factbook.scenarios.overview.answers import MOST_COUNTED, scenario_list, scenario_look

router = APIRouter(prefix="/scenarios", include_in_schema=False)
_ROWS = 50
# A scenario may have more of either; the API has all.
_STEPS = 50
_TRANSITIONS = 10


@router.get("")
async def list_page(request: Request, viewer: Viewer, database: CurrentDatabase, cursor: CursorText = None) -> Response:
    """A page of scenarios, by agent and name."""
    found = await scenario_list(database, viewer.tenant_id, _ROWS, cursor)
    return page(request, "scenarios.html", viewer, scenarios=found, states=tuple(RequirementReviewState), most=MOST_COUNTED)


@router.get("/{agent_id}/{scenario_id}")
async def scenario_page(
    request: Request, viewer: Viewer, database: CurrentDatabase, agent_id: str, scenario_id: str, cursor: CursorText = None
) -> Response:
    """The text of a scenario, its steps, and a page of its requirements in collection order."""
    look = await scenario_look(database, viewer.tenant_id, agent_id, scenario_id, _ROWS, cursor)
    names = {step.id: step.name for step in look.scenario.steps}
    return page(request, "scenario.html", viewer, look=look, names=names, most_steps=_STEPS, most_transitions=_TRANSITIONS)
