"""How much an agent and a scenario may have: every list has an end or comes in pages, and what is one too many is refused by name."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.kernel.ids import new_id
from factbook.profile import Backend
from factbook.scenarios import DesignLimits
from factbook.scenarios.extraction import need_rules
from factbook.scenarios.requirements import operations as requirements
from tests.calling import Caller
from tests.conversations.inbox import code
from tests.profile.files import errors
from tests.scenarios.designs import FIRST, a_rule, a_scenario, a_step, names, path_of, put, required, saved
from tests.scenarios.readers import Phrasebook, read_all


@pytest.fixture
def two_of_each(app: FastAPI) -> Iterator[None]:
    """An agent may have two scenarios and two rules."""
    before = app.state.design_limits
    app.state.design_limits = DesignLimits(scenarios=2, rules=2)
    yield
    app.state.design_limits = before


@pytest.fixture
def three_requirements(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scenario may have three requirements."""
    for module in (need_rules, requirements):
        monkeypatch.setattr(module, "MOST_REQUIREMENTS", 3)


@pytest.mark.usefixtures("two_of_each")
@pytest.mark.parametrize(("what", "body"), [("scenarios", a_scenario()), ("rules", a_rule())], ids=["scenarios", "rules"])
async def test_one_too_many_is_refused_and_what_stands_may_change(client: AsyncClient, agent: str, what: str, body: dict[str, Any]) -> None:
    first, second = [(await saved(client, agent, what=what))["id"] for _ in range(2)]
    third = await put(client, agent, str(new_id()), body, what)
    assert code(third) == (409, "too_many_designs")
    assert third.json()["detail"].endswith(f"the agent has 2 {what}, and may have 2.")
    assert (await saved(client, agent, first, what, name="Other"))["version"] == 2
    assert (await client.delete(path_of(agent, what, second))).status_code == 204
    assert (await saved(client, agent, what=what))["version"] == 1
    assert code(await put(client, agent, second, body, what)) == (409, "too_many_designs"), "one that was deleted is one more again"
    assert (await saved(client, str(new_id()), what=what))["version"] == 1, "another agent has room of its own"


@pytest.mark.usefixtures("three_requirements")
async def test_a_scenario_has_so_many_requirements_and_no_more(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    scenario = (await saved(client, agent, description="one two", steps=[a_step(description="five")]))["id"]
    await saved(client, agent, what="rules", condition_text="three four")
    await read_all(backend, caller.tenant_id, Phrasebook({word: {} for word in ("one", "two", "three", "four", "five")}))
    assert sorted(await names(client, agent, scenario, FIRST)) == ["five", "one", "two"], "what rules need comes last"
    body = {"scenario_id": scenario, "field_name": "six"}
    answer = await client.post(path_of(agent, "requirements"), json=body)
    assert (code(answer), len(await required(client, agent))) == ((409, "too_many_requirements"), 3)
    for name in ("one", "two"):
        assert (await client.post(path_of(agent, "requirements"), json=body | {"field_name": name})).status_code == 200, "in the place of another"
    await saved(client, agent, scenario, description="nothing", steps=[a_step(FIRST)])
    await read_all(backend, caller.tenant_id, Phrasebook({"three": {}, "four": {}}))
    found = {each["field_name"]: each["origin"] for each in await required(client, agent)}
    assert found == {"one": "manual", "two": "manual", "three": "auto"}, "a human's stay, and what fits beside them is required"


@pytest.mark.usefixtures("three_requirements")
async def test_a_rule_needs_nothing_where_there_is_no_room(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    full = (await saved(client, agent, steps=[a_step(collects_profile_fields=["a", "b", "c"])]))["id"]
    empty = (await saved(client, agent))["id"]
    await saved(client, agent, what="rules", condition_text="one two")
    book = Phrasebook({"one": {}, "two": {}})
    await read_all(backend, caller.tenant_id, book)
    assert await names(client, agent, full, FIRST) == ["a", "b", "c"]
    assert await names(client, agent, empty) == ["one", "two"]


async def test_what_was_found_comes_in_pages(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    words = [f"word{number}" for number in range(10, 17)]
    for what in ("scenarios", "rules"):
        design = (await saved(client, agent, what=what, description=" ".join(words)))["id"]
        await read_all(backend, caller.tenant_id, Phrasebook({word: {} for word in words}))
        path, found, pages, cursor = path_of(agent, what, design, "/extraction"), list[str](), list[int](), None
        while not pages or cursor:
            page = (await client.get(path, params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
            found += [each["field_name"] for each in page["findings"]]
            pages.append(len(page["findings"]))
            assert (page["state"], page["version"], page["found"]) == ("done", 1, 7)
            cursor = page["next_cursor"]
            await saved(client, agent, design, what, description=f"another version {len(pages)}")
        assert (pages, found) == ([3, 3, 1], words)
        assert (await client.get(path)).json()["version"] > 1, "the walk stays in the version that it began in"


async def test_a_cursor_of_another_list_or_version_is_refused(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    design = (await saved(client, agent, description="one two"))["id"]
    await read_all(backend, caller.tenant_id, Phrasebook({"one": {}, "two": {}}))
    path = path_of(agent, "scenarios", design, "/extraction")
    cursor = (await client.get(path, params={"limit": 1})).json()["next_cursor"]
    await saved(client, agent, design, description="one")
    await saved(client, agent)
    other = (await client.get(path_of(agent, "scenarios"), params={"limit": 1})).json()["next_cursor"]
    for params in ({"cursor": cursor, "version": 2}, {"cursor": other}, {"cursor": "x"}):
        answer = await client.get(path, params=params)
        assert (code(answer), errors(answer)) == ((422, "request_invalid"), ["cursor"])
