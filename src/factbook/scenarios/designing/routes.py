"""Scenarios and rules of an agent: saved, read in any version, listed, taken away. Saving never waits for anybody who reads the text."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from factbook.access import CurrentDatabase, CurrentPrincipal
from factbook.kernel.openapi import problem_answers
from factbook.kernel.paging import DEFAULT_LIMIT, CursorText, Limit
from factbook.kernel.problems import NOT_FOUND, SCOPE_REQUIRED
from factbook.profile import CurrentBackend, require_designer
from factbook.scenarios.designing import answers, operations
from factbook.scenarios.designing.wire import RuleAnswer, RulePage, RuleRequest, ScenarioAnswer, ScenarioPage, ScenarioRequest
from factbook.scenarios.model import DesignKind, DesignLimits
from factbook.scenarios.scenario_rules import SCENARIO_INVALID
from factbook.scenarios.scope_rules import RULE_INVALID, SCOPE_UNKNOWN
from factbook.scenarios.version_rules import ID_TAKEN, TOO_MANY_DESIGNS

router = APIRouter(tags=["scenarios"], prefix="/agents/{agent_id}")
_SAVING_SCENARIO = problem_answers(SCOPE_REQUIRED, SCENARIO_INVALID, TOO_MANY_DESIGNS, ID_TAKEN)
_SAVING_RULE = problem_answers(SCOPE_REQUIRED, RULE_INVALID, SCOPE_UNKNOWN, TOO_MANY_DESIGNS, ID_TAKEN)


async def _current_limits(request: Request) -> DesignLimits:
    limits: DesignLimits = request.app.state.design_limits
    return limits


CurrentLimits = Annotated[DesignLimits, Depends(_current_limits)]
VersionAsked = Annotated[int | None, Query(ge=1, le=2_147_483_647, description="An older version; without it the one that stands.")]


@router.get("/scenarios", summary="An agent's scenarios")
async def list_scenarios(
    principal: CurrentPrincipal, database: CurrentDatabase, agent_id: UUID, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None
) -> ScenarioPage:
    """The agent's scenarios by name, each as it stands. An agent nobody heard of has none."""
    return await answers.scenario_page(database, principal.tenant_id, agent_id, limit, cursor)


@router.put("/scenarios/{scenario_id}", summary="Save a scenario", responses=_SAVING_SCENARIO)
async def put_scenario(
    principal: CurrentPrincipal, backend: CurrentBackend, limits: CurrentLimits, agent_id: UUID, scenario_id: UUID, wanted: ScenarioRequest
) -> ScenarioAnswer:
    """Keeps a new version, and has its text read for requirements a moment later. What its lists name is required at once.

    Saving what stands already changes nothing.
    """
    require_designer(principal)
    saved = await operations.save_scenario(backend, principal, agent_id, scenario_id, wanted.scenario(scenario_id), limits)
    return ScenarioAnswer.of(*saved)


@router.get("/scenarios/{scenario_id}", summary="One scenario", responses=problem_answers(NOT_FOUND))
async def get_scenario(
    principal: CurrentPrincipal, database: CurrentDatabase, agent_id: UUID, scenario_id: UUID, version: VersionAsked = None
) -> ScenarioAnswer:
    """The scenario as it stands, or in an older version, and how far reading that version has come."""
    return await answers.scenario_answer(database, principal.tenant_id, agent_id, scenario_id, version)


@router.delete("/scenarios/{scenario_id}", summary="Take a scenario away", status_code=204, responses=problem_answers(SCOPE_REQUIRED, NOT_FOUND))
async def delete_scenario(principal: CurrentPrincipal, backend: CurrentBackend, agent_id: UUID, scenario_id: UUID) -> None:
    """All of its requirements go with it, those written by hand too. Its versions stay on record, and saving it again goes on counting."""
    require_designer(principal)
    await operations.delete_design(backend, principal, DesignKind.SCENARIO, agent_id, scenario_id)


@router.get("/rules", summary="An agent's rules")
async def list_rules(
    principal: CurrentPrincipal, database: CurrentDatabase, agent_id: UUID, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None
) -> RulePage:
    """The agent's rules by name, each as it stands. An agent nobody heard of has none."""
    return await answers.rule_page(database, principal.tenant_id, agent_id, limit, cursor)


@router.put("/rules/{rule_id}", summary="Save a rule", responses=_SAVING_RULE)
async def put_rule(
    principal: CurrentPrincipal, backend: CurrentBackend, limits: CurrentLimits, agent_id: UUID, rule_id: UUID, wanted: RuleRequest
) -> RuleAnswer:
    """Keeps a new version, and has its text read for requirements a moment later: of every scenario, of one, or of one step, as its scope says.

    Saving what stands already changes nothing.
    """
    require_designer(principal)
    return RuleAnswer.of(*await operations.save_rule(backend, principal, agent_id, rule_id, wanted.rule(rule_id), limits))


@router.get("/rules/{rule_id}", summary="One rule", responses=problem_answers(NOT_FOUND))
async def get_rule(principal: CurrentPrincipal, database: CurrentDatabase, agent_id: UUID, rule_id: UUID, version: VersionAsked = None) -> RuleAnswer:
    """The rule as it stands, or in an older version, and how far reading that version has come."""
    return await answers.rule_answer(database, principal.tenant_id, agent_id, rule_id, version)


@router.delete("/rules/{rule_id}", summary="Take a rule away", status_code=204, responses=problem_answers(SCOPE_REQUIRED, NOT_FOUND))
async def delete_rule(principal: CurrentPrincipal, backend: CurrentBackend, agent_id: UUID, rule_id: UUID) -> None:
    """What was found in it is required no more; what was written by hand stays."""
    require_designer(principal)
    await operations.delete_design(backend, principal, DesignKind.RULE, agent_id, rule_id)
