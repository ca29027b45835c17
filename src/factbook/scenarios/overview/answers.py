"""Answers for people who look through scenarios: one snapshot each, on the role that cannot write."""

from uuid import UUID

from factbook.database.pools import Database
from factbook.kernel.ids import id_in_path
from factbook.kernel.paging import cut_page, decode_cursor, encode_cursor, unusable_cursor
from factbook.kernel.problems import NOT_FOUND
from factbook.profile import PlaceInScenario, ScenarioFieldRequirement, requirements_after, requirements_by_review
from factbook.scenarios.model import Scenario
from factbook.scenarios.overview.model import ScenarioList, ScenarioLook
from factbook.scenarios.overview.queries import ScenarioPlace, found_in, scenarios_after, standing_scenario
from factbook.scenarios.overview.rules import line_of

_SCENARIOS, _NEEDED = "scenarios of all agents", "requirements of a scenario"
# Requirements of one scenario; beyond it a list says that there are more.
MOST_COUNTED = 1_000


async def scenario_list(database: Database, tenant_id: UUID, limit: int, cursor: str | None) -> ScenarioList:
    """A page of the tenant's scenarios, by agent and name."""
    after = None if cursor is None else _place(cursor)
    async with database.reading(tenant_id) as connection:
        found = await scenarios_after(connection, tenant_id, after, limit + 1)
        shown, next_cursor = cut_page(found, limit, lambda last: encode_cursor(_SCENARIOS, [str(last.agent_id), last.name, str(last.id)]))
        counts = await requirements_by_review(connection, tenant_id, [(each.agent_id, each.id) for each in shown], MOST_COUNTED)
    return ScenarioList(shown, counts, next_cursor)


async def scenario_look(database: Database, tenant_id: UUID, agent_id: str, scenario_id: str, limit: int, cursor: str | None) -> ScenarioLook:
    """The scenario as it stands, with a page of its requirements, of all its steps, and what each rests on. Raises 404."""
    unknown = NOT_FOUND.because("No such scenario.")
    agent, wanted = id_in_path(agent_id, unknown), id_in_path(scenario_id, unknown)
    after = None if cursor is None else _place_in_scenario(cursor)
    async with database.reading(tenant_id) as connection:
        version, extraction = await standing_scenario(connection, tenant_id, agent, wanted)
        found = await requirements_after(connection, tenant_id, agent, wanted, after, limit + 1)
        shown, next_cursor = cut_page(found, limit, _cursor_after)
        rules = {each.rule_id for each in shown if each.rule_id is not None}
        behind = await found_in(connection, tenant_id, wanted, sorted(rules), sorted({each.field_name for each in shown}))
    scenario = version.content if isinstance(version.content, Scenario) else Scenario.model_validate(version.content)
    return ScenarioLook(version, scenario, extraction, [line_of(each, scenario, behind) for each in shown], next_cursor)


def _cursor_after(last: ScenarioFieldRequirement) -> str:
    return encode_cursor(_NEEDED, [last.collection_order, last.field_name, str(last.id)])


def _place(cursor: str) -> ScenarioPlace:
    agent_id, name, scenario_id = decode_cursor(_SCENARIOS, cursor, (str, str, str))
    return id_in_path(agent_id, unusable_cursor()), name, id_in_path(scenario_id, unusable_cursor())


def _place_in_scenario(cursor: str) -> PlaceInScenario:
    order, field_name, requirement_id = decode_cursor(_NEEDED, cursor, (int, str, str))
    if not -(2**31) <= order < 2**31:
        raise unusable_cursor()
    return order, field_name, id_in_path(requirement_id, unusable_cursor())
