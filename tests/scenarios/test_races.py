"""What designers, readers and reviewers do at the same time: nothing is lost, nothing is there twice, and no human word is overrun."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

from httpx2 import AsyncClient

from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from factbook.profile import Backend
from tests.calling import Caller
from tests.conversations.inbox import code, items
from tests.jobs.working import until
from tests.scenarios.designs import FIRST, a_scenario, a_step, names, path_of, put, required, saved
from tests.scenarios.readers import Phrasebook, read_all, run_one, waiting_jobs

FIELDS: dict[str, dict[str, Any]] = {"over 18": {"name": "date_of_birth"}, "reason": {}, "colour": {}}


async def all_at_once(backend: Backend, tenant_id: Any, executor: Phrasebook, name: str = "extract_requirements") -> list[str]:
    """Run every job of this name that waits at the same time, each of them twice, as if it had been handed out twice."""
    jobs = await waiting_jobs(backend.database, tenant_id, name)
    endings = await asyncio.gather(*(run_one(backend, tenant_id, job_id, executor) for job_id in jobs for _ in range(2)))
    return [ending.outcome.value for ending in endings]


def nothing_twice(requirements: list[dict[str, Any]]) -> None:
    """Fail where a requirement is there twice."""
    counted = Counter((each["scenario_id"], each["step_id"], each["rule_id"], each["field_name"]) for each in requirements)
    assert set(counted.values()) <= {1}


async def test_of_savers_at_once_each_makes_a_version_of_its_own(client: AsyncClient, agent: str) -> None:
    scenario = str(new_id())
    answers = await asyncio.gather(*(put(client, agent, scenario, a_scenario(description=str(number))) for number in range(8)))
    assert sorted(answer.json()["version"] for answer in answers) == list(range(1, 9))
    for answer in answers:
        kept = (await client.get(path_of(agent, "scenarios", scenario), params={"version": answer.json()["version"]})).json()
        assert kept["description"] == answer.json()["description"]
    (standing,) = await items(client, path_of(agent, "scenarios"))
    assert standing["version"] == 8


async def test_savers_of_one_content_at_once_make_one_version_and_one_job(
    client: AsyncClient, caller: Caller, database: Database, agent: str
) -> None:
    scenario = str(new_id())
    answers = await asyncio.gather(*(put(client, agent, scenario, a_scenario()) for _ in range(8)))
    assert {answer.json()["version"] for answer in answers} == {1}
    assert len(await waiting_jobs(database, caller.tenant_id)) == 1


async def test_of_agents_that_take_one_id_at_once_one_gets_it(client: AsyncClient) -> None:
    scenario, agents = str(new_id()), [str(new_id()) for _ in range(6)]
    answers = await asyncio.gather(*(put(client, agent, scenario, a_scenario()) for agent in agents))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    assert {code(answer) for answer in answers if answer.status_code == 409} == {(409, "id_taken")}


async def test_a_version_that_is_overtaken_while_it_is_read_has_no_effect(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    scenario = (await saved(client, agent, description="over 18"))["id"]

    async def overtake() -> None:
        await saved(client, agent, scenario, description="the reason", steps=[a_step(collects_profile_fields=["order_number"])])

    assert await read_all(backend, caller.tenant_id, Phrasebook(FIELDS, before_answer=overtake)) == ["done"]
    assert await names(client, agent, scenario, FIRST) == ["order_number"]
    assert await items(client, path_of(agent, "field-definitions")) == []
    states = [
        (await client.get(path_of(agent, "scenarios", scenario), params={"version": number})).json()["extraction"]["state"] for number in (1, 2)
    ]
    assert states == ["superseded", "waiting"]
    await read_all(backend, caller.tenant_id, Phrasebook(FIELDS))
    assert await names(client, agent, scenario, FIRST) == ["reason", "order_number"]


async def test_what_is_deleted_while_it_is_read_stays_away(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    for what in ("scenarios", "rules"):
        await saved(client, agent)
        design = (await saved(client, agent, what=what, name="over 18"))["id"]

        async def delete(path: str = path_of(agent, what, design)) -> None:
            await client.delete(path)

        assert set(await read_all(backend, caller.tenant_id, Phrasebook(FIELDS, before_answer=delete))) == {"done"}
        assert await required(client, agent) == []


async def test_many_readings_at_once_and_twice_leave_each_requirement_once(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    texts = ("over 18", "the reason", "the colour")
    steps = [a_step(description="over 18", collects_profile_fields=["reason"])]
    scenarios = [(await saved(client, agent, description=text, steps=steps))["id"] for text in texts]
    rules = [(await saved(client, agent, what="rules", condition_text=text))["id"] for text in texts]
    endings = Counter(await all_at_once(backend, caller.tenant_id, Phrasebook(FIELDS)))
    assert endings == {"done": 6, "finished_elsewhere": 6}
    await all_at_once(backend, caller.tenant_id, Phrasebook(FIELDS), "suggest_definitions")
    found = await required(client, agent)
    nothing_twice(found)
    names_of_rules = {(each["scenario_id"], each["rule_id"], each["field_name"]) for each in found if each["rule_id"]}
    fields = ("date_of_birth", "reason", "colour")
    assert names_of_rules == {(scenario, rule, field) for scenario in scenarios for rule, field in zip(rules, fields, strict=True)}
    own = {(each["scenario_id"], each["step_id"], each["field_name"]) for each in found if not each["rule_id"]}
    of_steps = {(scenario, str(FIRST), field) for scenario in scenarios for field in ("date_of_birth", "reason")}
    assert own == of_steps | {(scenario, None, field) for scenario, field in zip(scenarios, fields, strict=True)}
    assert len(await items(client, path_of(agent, "field-definitions"))) == 3


async def test_a_scenario_that_comes_while_a_rule_is_read_gets_what_the_rule_needs(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str
) -> None:
    for _ in range(5):
        await saved(client, agent, what="rules", condition_text="over 18", name=f"rule {new_id()}")
        jobs = await waiting_jobs(backend.database, caller.tenant_id)
        reading = [run_one(backend, caller.tenant_id, job_id, Phrasebook(FIELDS)) for job_id in jobs]
        saving = [saved(client, agent) for _ in range(3)]
        await asyncio.gather(*reading, *saving)
        await all_at_once(backend, caller.tenant_id, Phrasebook(FIELDS))
        rules = [each["id"] for each in await items(client, path_of(agent, "rules"))]
        scenarios = [each["id"] for each in await items(client, path_of(agent, "scenarios"))]
        found = await required(client, agent)
        nothing_twice(found)
        assert {(each["scenario_id"], each["rule_id"]) for each in found} == {(scenario, rule) for scenario in scenarios for rule in rules}


async def test_what_a_human_says_while_a_text_is_read_stands(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    scenario = (await saved(client, agent, description="over 18, the reason"))["id"]
    await read_all(backend, caller.tenant_id, Phrasebook(FIELDS))
    birth, _ = await required(client, agent, scenario)
    await saved(client, agent, scenario, description="the colour")

    async def speak() -> None:
        await client.post(path_of(agent, "requirements", birth["id"], "/review"), json={"decision": "rejected"})
        for name in ("reason", "colour"):
            await client.post(path_of(agent, "requirements"), json={"scenario_id": scenario, "field_name": name, "required_level": "soft"})

    await read_all(backend, caller.tenant_id, Phrasebook(FIELDS, before_answer=speak))
    found = {each["field_name"]: (each["origin"], each["review"], each["required_level"]) for each in await required(client, agent, scenario)}
    assert found == {
        "date_of_birth": ("auto", "rejected", "hard"),
        "reason": ("manual", None, "soft"),
        "colour": ("manual", None, "soft"),
    }


async def test_a_scenario_that_is_saved_and_read_while_a_rule_is_being_written_down_misses_nothing(
    client: AsyncClient, caller: Caller, backend: Backend, database: Database, agent: str
) -> None:
    old = (await saved(client, agent, steps=[a_step(collects_profile_fields=["order_number"])]))["id"]
    await read_all(backend, caller.tenant_id, Phrasebook({}))
    await saved(client, agent, what="rules", condition_text="over 18")
    (of_rule,) = await waiting_jobs(database, caller.tenant_id)

    async def save_and_read() -> str:
        new: str = (await saved(client, agent))["id"]
        for job_id in await waiting_jobs(database, caller.tenant_id):
            await run_one(backend, caller.tenant_id, job_id, Phrasebook({}))
        return new

    async with database.transaction(caller.tenant_id) as blocking:
        await blocking.execute("SELECT FROM schema_versions WHERE tenant_id = $1 AND owner_id = $2 FOR UPDATE", caller.tenant_id, UUID(old))
        reading = asyncio.create_task(run_one(backend, caller.tenant_id, of_rule, Phrasebook(FIELDS)))
        await until(lambda: are_blocked(database, 1), "the rule's reading to be held up in the middle of its transaction")
        saving = asyncio.create_task(save_and_read())

        async def is_held_up_or_over() -> bool:
            return saving.done() or await are_blocked(database, 2)

        await until(is_held_up_or_over, "the new scenario to be held up, or saved and read")
    await reading
    new = await saving
    assert await names(client, agent, new) == ["date_of_birth"]


async def are_blocked(database: Database, wanted: int) -> bool:
    """Whether so many sessions of the database wait for others."""
    async with database.outside_tenants() as connection:
        waiting: int = await connection.fetchval(
            """
            SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()
            """
        )
    return waiting >= wanted
