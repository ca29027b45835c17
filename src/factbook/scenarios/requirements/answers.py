"""Answers about requirements: one snapshot each, on the role that cannot write."""

from uuid import UUID

from factbook.database.pools import Database
from factbook.kernel.ids import id_in_path
from factbook.kernel.paging import cut_page, decode_cursor, encode_cursor, unusable_cursor
from factbook.kernel.problems import NOT_FOUND, REQUEST_INVALID, FieldError
from factbook.profile import RequirementPlace, ScenarioFieldRequirement, requirement_page
from factbook.scenarios.designs_store import outlines_of_agent
from factbook.scenarios.requirements.wire import RequirementPage

_REQUIREMENTS = "requirements"


async def requirements_page(
    database: Database, tenant_id: UUID, agent_id: UUID, scenario_id: UUID | None, step_id: UUID | None, limit: int, cursor: str | None
) -> RequirementPage:
    """A page of the agent's requirements. Raises 404 for a scenario that the agent does not have, and for a step without its scenario."""
    if scenario_id is None and step_id is not None:
        raise REQUEST_INVALID.because("A step is asked for by its scenario.", [FieldError("scenario_id", "needed where step_id is given")])
    after = None if cursor is None else _after(cursor)
    async with database.reading(tenant_id) as connection:
        if scenario_id is not None and scenario_id not in await outlines_of_agent(connection, tenant_id, agent_id, [scenario_id]):
            raise NOT_FOUND.because("No such scenario.")
        found = await requirement_page(connection, tenant_id, agent_id, scenario_id, step_id, after, limit + 1)
    shown, next_cursor = cut_page(found, limit, _cursor_after)
    return RequirementPage(items=list(shown), next_cursor=next_cursor)


def _cursor_after(last: ScenarioFieldRequirement) -> str:
    return encode_cursor(_REQUIREMENTS, [str(last.scenario_id), last.collection_order, last.field_name, str(last.id)])


def _after(cursor: str) -> RequirementPlace:
    scenario_id, order, field_name, requirement_id = decode_cursor(_REQUIREMENTS, cursor, (str, int, str, str))
    if not -(2**31) <= order < 2**31:
        raise unusable_cursor()
    return id_in_path(scenario_id, unusable_cursor()), order, field_name, id_in_path(requirement_id, unusable_cursor())
