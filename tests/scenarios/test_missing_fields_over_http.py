"""What a scenario still needs, over HTTP: good and bad input of every parameter, what is found alike, and what it costs."""

from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.access import PrincipalKind
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel.ids import new_id
from factbook.profile import Asked, Backend, MasterKeys
from factbook.scenarios.missing.answers import missing_fields_answer
from tests.calling import Caller
from tests.conversations.inbox import code, create_customer
from tests.scenarios.designs import FIRST, SECOND, a_step, path_of, saved
from tests.scenarios.gaps import World


async def ask(world: World, client: AsyncClient | None = None, customer: str | None = None, **asked: Any) -> Any:
    """The answer to asking what is missing."""
    return await (client or world.client).get(f"/customers/{customer or world.customer}/profile/missing-fields", params=asked)


async def test_missing_fields_come_in_collection_order_with_their_definitions_and_why(world: World) -> None:
    await world.define("born", "date", freshness_seconds=0, collection_prompt="When were you born?")
    await world.define("phone", "phone", required_verification=True)
    await world.know("phone", "+39 333 1234567")
    await world.know("city", "Rome", expires_at="2026-01-01T00:00:00Z", collected_at="2025-01-01T00:00:00Z")
    wanted = [await world.require(name, collection_order=order) for order, name in enumerate(["phone", "city", "born"])]
    answer = await ask(world, scenario_id=world.scenario)
    assert set(answer.json()) == {"items", "entry"}
    items = answer.json()["items"]
    assert [each["requirement"] for each in items] == wanted
    assert [each["reason"] for each in items] == ["unverified", "expired", "absent"]
    assert [each["definition"] and each["definition"]["name"] for each in items] == ["phone", None, "born"]
    assert items[2]["definition"]["collection_prompt"] == "When were you born?"


async def test_the_level_is_hard_unless_another_is_asked_for(world: World) -> None:
    await world.require("must", required_level="hard")
    await world.require("nice", required_level="soft", fallback_action="skip", collection_order=1)
    assert [name for name, _ in await world.missing()] == ["must"]
    assert [name for name, _ in await world.missing(level="hard")] == ["must"]
    assert [name for name, _ in await world.missing(level="soft")] == ["nice"]
    assert [name for name, _ in await world.missing(level="all")] == ["must", "nice"]


async def entered(world: World, **asked: Any) -> tuple[str, list[str]]:
    """Whether the scenario may begin, and what keeps it from beginning."""
    told = (await ask(world, scenario_id=world.scenario, **asked)).json()["entry"]
    return told["decision"], told["fields"]


@pytest.mark.parametrize("level", ["hard", "soft", "all"])
async def test_whether_a_scenario_may_begin_is_told_and_block_means_block(world: World, level: str) -> None:
    assert await entered(world, level=level) == ("allow", [])
    await world.require("nice", required_level="soft", fallback_action="block")
    assert await entered(world, level=level) == ("allow", [])
    await world.require("order", collection_order=2)
    await world.require("hint", fallback_action="extract", collection_order=1)
    assert await entered(world, level=level) == ("ask", ["hint", "order"])
    await world.require("licence", fallback_action="block", collection_order=3)
    assert await entered(world, level=level) == ("block", ["hint", "order", "licence"])
    await world.know("licence", "B")
    assert await entered(world, level=level) == ("ask", ["hint", "order"])
    await world.know("order", "AB-1")
    await world.know("hint", "x")
    assert await entered(world, level=level) == ("allow", [])


async def test_a_step_needs_what_the_scenario_needs_and_its_own(client: AsyncClient) -> None:
    world = await World.made(client)
    scenario = await saved(client, world.agent, steps=[a_step(FIRST, to=(SECOND,)), a_step(SECOND)])
    world.scenario = scenario["id"]
    await world.require("everywhere", collection_order=2)
    await world.require("here", step_id=str(FIRST), collection_order=1)
    await world.require("there", step_id=str(SECOND))
    assert await world.missing() == [("everywhere", "absent")]
    assert await world.missing(step_id=str(FIRST)) == [("here", "absent"), ("everywhere", "absent")]
    assert await world.missing(step_id=str(new_id())) == [("everywhere", "absent")]


async def test_conditions_and_other_fields_decide_what_applies(world: World) -> None:
    await world.require("customs_number", when_condition='order_type == "international" && weight > 2')
    await world.require("reason", depends_on_fields=["order_number"], collection_order=1)
    assert await world.missing() == []
    await world.know("order_type", "international")
    await world.know("weight", 10**30)
    assert await world.missing() == [("customs_number", "absent")]
    await world.know("order_number", "AB1")
    assert await world.missing() == [("customs_number", "absent"), ("reason", "absent")]


async def test_conditions_read_encrypted_values_and_show_none(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    await world.define("salary", "number", encryption_required=True)
    await world.know("salary", 987654321)
    await world.require("proof", when_condition="salary > 1000")
    await world.require("failing", when_condition='salary > "canary"')
    answer = await ask(world, scenario_id=world.scenario)
    assert [each["requirement"]["field_name"] for each in answer.json()["items"]] == ["proof"]
    written = capsys.readouterr()
    assert "requirement_condition_failed" in written.out + written.err
    for secret in ("987654321", "canary"):
        assert secret not in written.out + written.err


async def test_what_a_human_rejected_is_not_missing(world: World) -> None:
    requirement = await world.require("shoe_size")
    assert await world.missing() == [("shoe_size", "absent")]
    reviewed = await world.client.post(path_of(world.agent, "requirements", requirement["id"], "/review"), json={"decision": "rejected"})
    assert reviewed.status_code == 200
    assert await world.missing() == []


async def test_a_scenario_without_requirements_lacks_nothing_and_an_empty_profile_everything(world: World) -> None:
    assert await world.missing() == []
    await world.require("reason")
    assert await world.missing() == [("reason", "absent")]
    assert (await world.profile())["version"] == 0


@pytest.mark.parametrize("condition", ["age >=", "nonsense(age)", "tags.map(t, t) == tags", "a" * 1001, "Age > 18", ""])
async def test_a_condition_that_is_not_taken_is_refused_by_name(world: World, condition: str) -> None:
    body = {"scenario_id": world.scenario, "field_name": "reason", "when_condition": condition}
    answer = await world.client.post(path_of(world.agent, "requirements"), json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["when_condition"]
    assert await world.missing(level="all") == []


async def test_unknown_and_foreign_customers_and_scenarios_read_alike(world: World, stranger: AsyncClient) -> None:
    await world.require("reason")
    foreign = await create_customer(stranger, "theirs", "api")
    for customer in (str(new_id()), "nobody", foreign):
        answer = await ask(world, customer=customer, scenario_id=world.scenario)
        assert (code(answer), answer.json()["detail"]) == ((404, "not_found"), "No such customer.")
    theirs = await World.made(stranger)
    gone = await saved(world.client, world.agent)
    assert (await world.client.delete(path_of(world.agent, "scenarios", gone["id"]))).status_code == 204
    for scenario in (str(new_id()), theirs.scenario, gone["id"]):
        answer = await ask(world, scenario_id=scenario)
        assert (code(answer), answer.json()["detail"]) == ((404, "not_found"), "No such scenario.")
    assert code(await ask(world, scenario_id=world.scenario, agent_id=theirs.agent)) == (404, "not_found")
    assert await world.missing(agent_id=world.agent) == [("reason", "absent")]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "scenario_id"),
        ({"scenario_id": "x"}, "scenario_id"),
        ({"scenario_id": str(FIRST), "agent_id": "x"}, "agent_id"),
        ({"scenario_id": str(FIRST), "step_id": "x"}, "step_id"),
        ({"scenario_id": str(FIRST), "level": "medium"}, "level"),
    ],
    ids=["no scenario", "scenario", "agent", "step", "level"],
)
async def test_bad_input_names_its_parameter(world: World, asked: dict[str, Any], field: str) -> None:
    answer = await ask(world, **asked)
    assert code(answer) == (422, "request_invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_reading_needs_no_scope_and_writes_nothing(caller: Caller, world: World) -> None:
    await world.require("reason")
    service = await caller.client(PrincipalKind.SERVICE, frozenset())
    assert (await ask(world, service, scenario_id=world.scenario)).status_code == 200
    assert (await world.profile())["version"] == 0


async def test_it_costs_the_same_number_of_statements_however_much_is_needed(
    client: AsyncClient, app: FastAPI, urls: DatabaseUrls, masters: MasterKeys, tenant_id: UUID
) -> None:
    database, statements = await Database.open(urls, pool_size=1), list[str]()
    async with database.outside_tenants() as connection:
        connection.add_query_logger(lambda record: statements.append(record.query))
    costs = []
    for size in (1, 8):
        world = await World.made(client)
        for number in range(size):
            await world.define(f"field_{number}")
            await world.require(f"field_{number}", collection_order=number, when_condition=f"known_{number} == {number}")
            await world.know(f"known_{number}", number)
        statements.clear()
        found, _ = await missing_fields_answer(Backend(database, masters), tenant_id, UUID(world.customer), Asked(UUID(world.scenario)), None)
        assert len(found) == size
        costs.append(len(statements))
    await database.close()
    assert costs == [7, 7]  # begin, the scenario, the customer, its requirements, their definitions, the fields, commit
