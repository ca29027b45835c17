"""A list of any length costs the same number of statements."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from httpx2 import AsyncClient

from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.scenarios.designing.answers import extraction_answer, rule_page, scenario_page
from factbook.scenarios.model import DesignKind
from factbook.scenarios.requirements.answers import requirements_page
from tests.calling import Caller
from tests.scenarios.designs import a_step, saved

SIZES = (1, 9)


@pytest.fixture
async def counted(urls: DatabaseUrls) -> AsyncIterator[tuple[Database, list[str]]]:
    """A database of one reading connection, and the statements it is sent."""
    database, statements = await Database.open(urls, pool_size=1), list[str]()
    async with database.outside_tenants() as connection:
        connection.add_query_logger(lambda record: statements.append(record.query))
    yield database, statements
    await database.close()


async def test_a_list_costs_the_same_number_of_statements_however_long_it_is(
    client: AsyncClient, caller: Caller, counted: tuple[Database, list[str]], agent: str
) -> None:
    database, statements = counted
    tenant_id, agent_id = caller.tenant_id, UUID(agent)
    costs = []
    for size in SIZES:
        for _ in range(size):
            scenario = await saved(client, agent, steps=[a_step(collects_profile_fields=[f"field_{number}" for number in range(size)])])
            await saved(client, agent, what="rules")
        cost, newest = [], UUID(scenario["id"])
        for read in (
            lambda: scenario_page(database, tenant_id, agent_id, 200, None),
            lambda: rule_page(database, tenant_id, agent_id, 200, None),
            lambda: requirements_page(database, tenant_id, agent_id, None, None, 200, None),
            lambda design=newest: extraction_answer(database, tenant_id, DesignKind.SCENARIO, agent_id, design, None, 50, None),
        ):
            await read()  # the driver looks types up once
            statements.clear()
            await read()
            cost.append(len(statements))
        costs.append(cost)
    assert costs[0] == costs[1]
    assert max(costs[0]) <= 5
