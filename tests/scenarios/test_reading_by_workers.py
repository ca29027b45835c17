"""Scenarios saved over HTTP and read by real workers a moment later, by the rules that the service has without a model."""

import asyncio
from typing import Any

from httpx2 import AsyncClient

from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.language import LLMExecutor
from factbook.language.gate import Gated
from factbook.language.rules import RulesExecutor
from factbook.profile import Backend
from factbook.scenarios import extract_requirements, suggest_definitions
from tests.conversations.inbox import items
from tests.jobs.working import until, working
from tests.scenarios.designs import FIRST, a_step, names, path_of, required, saved
from tests.scenarios.readers import Phrasebook

BOOK = Phrasebook({"over 18": {"name": "date_of_birth"}, "reason": {}})


async def is_read(client: AsyncClient, agent: str, *scenarios: str) -> bool:
    """Whether each of these was read."""
    answers = await asyncio.gather(*(client.get(path_of(agent, "scenarios", scenario)) for scenario in scenarios))
    return all(answer.json()["extraction"]["state"] == "done" for answer in answers)


async def test_workers_read_what_was_saved_once_each(
    client: AsyncClient, database: Database, urls: DatabaseUrls, backend: Backend, agent: str
) -> None:
    tools: dict[type[Any], Any] = {Backend: backend, LLMExecutor: BOOK}
    async with (
        working(database, urls.queue, [extract_requirements, suggest_definitions], tools=tools),
        working(database, urls.queue, [extract_requirements, suggest_definitions], tools=tools),
    ):
        scenarios = [(await saved(client, agent, description="over 18"))["id"] for _ in range(6)]
        await saved(client, agent, what="rules", condition_text="a reason is given")

        async def all_are_required() -> bool:
            return len(await required(client, agent)) == 2 * len(scenarios) and await is_read(client, agent, *scenarios)

        await until(all_are_required, "scenarios and the rule to be read")
        for scenario in scenarios:
            assert await names(client, agent, scenario) == ["date_of_birth", "reason"]


async def test_rules_read_a_scenario_and_quote_what_they_found(
    client: AsyncClient, database: Database, urls: DatabaseUrls, backend: Backend, agent: str
) -> None:
    tools: dict[type[Any], Any] = {Backend: backend, LLMExecutor: Gated(RulesExecutor())}
    steps = [a_step(description="Ask for the preferred delivery date.", collects_profile_fields=["colour"])]
    text = "Refund for customers over 18. Needs the order number and the reason."
    async with working(database, urls.queue, [extract_requirements, suggest_definitions], tools=tools):
        scenario = (await saved(client, agent, description=text, steps=steps))["id"]
        await until(lambda: is_read(client, agent, scenario), "the scenario to be read")
    extraction = (await client.get(path_of(agent, "scenarios", scenario, "/extraction"))).json()
    assert (extraction["extractor"], extraction["left_out"]) == ("rules", 0)
    texts = {"description": text, "step 1 description": steps[0]["description"], "step 1 collects": "colour"}
    assert all(finding["quote"] in texts[finding["source_id"]] for finding in extraction["findings"])
    found = {each["field_name"]: each for each in await required(client, agent, scenario)}
    assert set(found) == {"date_of_birth", "order_number", "reason"}
    assert all(each["needs_human_review"] == (each["extraction_confidence"] < 0.8) for each in found.values())
    assert "colour" in await names(client, agent, scenario, FIRST)
    suggested = {each["name"]: each for each in await items(client, path_of(agent, "field-definitions"))}
    assert set(suggested) == set(await names(client, agent, scenario, FIRST))
    assert suggested["date_of_birth"]["value_type"] == "date"
    assert all(each["collection_prompt"] and (each["origin"], each["enabled"]) == ("suggested", False) for each in suggested.values())
