"""Scenarios saved over HTTP and read by real workers a moment later."""

import asyncio
from typing import Any

from httpx2 import AsyncClient

from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.language import LLMExecutor
from factbook.profile import Backend
from factbook.scenarios import extract_requirements
from tests.jobs.working import until, working
from tests.scenarios.designs import names, path_of, required, saved
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
        working(database, urls.queue, [extract_requirements], tools=tools),
        working(database, urls.queue, [extract_requirements], tools=tools),
    ):
        scenarios = [(await saved(client, agent, description="over 18"))["id"] for _ in range(6)]
        await saved(client, agent, what="rules", condition_text="a reason is given")

        async def all_are_required() -> bool:
            return len(await required(client, agent)) == 2 * len(scenarios) and await is_read(client, agent, *scenarios)

        await until(all_are_required, "scenarios and the rule to be read")
        for scenario in scenarios:
            assert await names(client, agent, scenario) == ["date_of_birth", "reason"]
