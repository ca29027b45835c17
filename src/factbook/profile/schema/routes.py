"""Definitions of an agent's fields: saved, read, taken away. Effective with the next value that is written, in every process."""

from uuid import UUID

from fastapi import APIRouter

from factbook.access import CurrentDatabase, CurrentPrincipal
from factbook.kernel import clock
from factbook.kernel.openapi import problem_answers
from factbook.kernel.paging import DEFAULT_LIMIT, CursorText, Limit
from factbook.kernel.problems import NOT_FOUND, SCOPE_REQUIRED
from factbook.profile.backend import Actor
from factbook.profile.http import CurrentBackend, NameInPath, require_designer
from factbook.profile.schema import answers, operations
from factbook.profile.schema.definition_rules import DEFINITION_INVALID
from factbook.profile.schema.wire import DefinitionPage, DefinitionRequest
from factbook.profile.schema_model import ProfileFieldDefinition

router = APIRouter(tags=["profile"], prefix="/agents/{agent_id}/field-definitions")


@router.get("", summary="An agent's definitions")
async def list_definitions(
    principal: CurrentPrincipal, database: CurrentDatabase, agent_id: UUID, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None
) -> DefinitionPage:
    """The agent's definitions by name, those that were suggested and not saved yet among them. An agent nobody heard of has none."""
    return await answers.definitions_page(database, principal.tenant_id, agent_id, limit, cursor)


@router.put("/{name}", summary="Define a field", responses=problem_answers(SCOPE_REQUIRED, DEFINITION_INVALID))
async def put_definition(
    principal: CurrentPrincipal, backend: CurrentBackend, agent_id: UUID, name: NameInPath, wanted: DefinitionRequest
) -> ProfileFieldDefinition:
    """Creates the definition, or replaces it as a whole. Values that stand stay as they are; the next one is held to it."""
    require_designer(principal)
    definition = wanted.definition(principal.tenant_id, agent_id, name, clock.now())
    return await operations.save_definition(backend, Actor.of(principal), definition)


@router.get("/{name}", summary="One definition", responses=problem_answers(NOT_FOUND))
async def get_definition(principal: CurrentPrincipal, database: CurrentDatabase, agent_id: UUID, name: NameInPath) -> ProfileFieldDefinition:
    """What the agent says the field must look like."""
    return await answers.definition_answer(database, principal.tenant_id, agent_id, name)


@router.delete("/{name}", summary="Take a definition away", status_code=204, responses=problem_answers(SCOPE_REQUIRED, NOT_FOUND))
async def delete_definition(principal: CurrentPrincipal, backend: CurrentBackend, agent_id: UUID, name: NameInPath) -> None:
    """Values that were held to it stay, and so do requirements that name the field."""
    require_designer(principal)
    if not await operations.delete_definition(backend, principal.tenant_id, Actor.of(principal), agent_id, name):
        raise answers.no_such_definition()
