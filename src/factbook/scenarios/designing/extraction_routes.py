"""How reading a scenario's or rule's text for requirements stands, what was found with which words, and having it read anew."""

from uuid import UUID

from fastapi import APIRouter

from factbook.access import CurrentDatabase, CurrentPrincipal
from factbook.kernel.openapi import problem_answers
from factbook.kernel.paging import DEFAULT_LIMIT, CursorText, Limit
from factbook.kernel.problems import NOT_FOUND, SCOPE_REQUIRED
from factbook.profile import CurrentBackend, require_designer
from factbook.scenarios.designing.answers import extraction_answer
from factbook.scenarios.designing.operations import read_again
from factbook.scenarios.designing.routes import VersionAsked
from factbook.scenarios.extraction.model import Extraction, ExtractionWithFindings
from factbook.scenarios.model import DesignKind

router = APIRouter(tags=["scenarios"], prefix="/agents/{agent_id}")
_ASKING = problem_answers(SCOPE_REQUIRED, NOT_FOUND)


@router.get("/scenarios/{scenario_id}/extraction", summary="What was found in a scenario", responses=problem_answers(NOT_FOUND))
async def get_scenario_extraction(
    principal: CurrentPrincipal,
    database: CurrentDatabase,
    agent_id: UUID,
    scenario_id: UUID,
    version: VersionAsked = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> ExtractionWithFindings:
    """Fields that were found in the text, in the order in which they come up, with the words that say so, who found them and how surely."""
    return await extraction_answer(database, principal.tenant_id, DesignKind.SCENARIO, agent_id, scenario_id, version, limit, cursor)


@router.post("/scenarios/{scenario_id}/extraction", summary="Have a scenario read anew", status_code=202, responses=_ASKING)
async def post_scenario_extraction(principal: CurrentPrincipal, backend: CurrentBackend, agent_id: UUID, scenario_id: UUID) -> Extraction:
    """For a text that could not be read, or that another model should read. What was found before counts until then."""
    require_designer(principal)
    return await read_again(backend, principal, DesignKind.SCENARIO, agent_id, scenario_id)


@router.get("/rules/{rule_id}/extraction", summary="What was found in a rule", responses=problem_answers(NOT_FOUND))
async def get_rule_extraction(
    principal: CurrentPrincipal,
    database: CurrentDatabase,
    agent_id: UUID,
    rule_id: UUID,
    version: VersionAsked = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> ExtractionWithFindings:
    """Fields that were found in the text, in the order in which they come up, with the words that say so, who found them and how surely."""
    return await extraction_answer(database, principal.tenant_id, DesignKind.RULE, agent_id, rule_id, version, limit, cursor)


@router.post("/rules/{rule_id}/extraction", summary="Have a rule read anew", status_code=202, responses=_ASKING)
async def post_rule_extraction(principal: CurrentPrincipal, backend: CurrentBackend, agent_id: UUID, rule_id: UUID) -> Extraction:
    """For a text that could not be read, or that another model should read. What was found before counts until then."""
    require_designer(principal)
    return await read_again(backend, principal, DesignKind.RULE, agent_id, rule_id)
