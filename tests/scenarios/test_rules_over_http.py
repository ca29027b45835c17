"""Rules over HTTP: as scenarios are saved, and for something that the agent has."""

from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient

from factbook.kernel.ids import new_id
from tests.conversations.inbox import as_json, code, items
from tests.profile.files import errors
from tests.scenarios.designs import FIRST, HOSTILE, SECOND, a_rule, a_step, path_of, put, saved

WHOLE: dict[str, Any] = {
    "name": "Large refunds",
    "description": "What finance wants",
    "condition_text": "refund.amount > 500",
    "action_text": "Ask for the approval code",
    "scope": "GLOBAL",
    "scope_id": None,
    "priority": -100,
    "enabled": False,
    "max_fires_per_session": 2,
    "cooldown_turns": 3,
    "is_hard_constraint": True,
    "attached_tool_ids": ["crm"],
    "attached_template_ids": [str(UUID(int=7))],
}


async def test_a_rule_comes_back_as_it_went_in(client: AsyncClient, agent: str) -> None:
    rule_id = str(new_id())
    answer = (await put(client, agent, rule_id, WHOLE, "rules")).json()
    assert {name: answer[name] for name in WHOLE} == WHOLE
    assert (answer["id"], answer["agent_id"], answer["version"], answer["extraction"]["state"]) == (rule_id, agent, 1, "waiting")
    assert (await client.get(path_of(agent, "rules", rule_id))).json() == answer
    assert await items(client, path_of(agent, "rules")) == [answer]
    assert (await put(client, agent, rule_id, WHOLE | {"id": rule_id, "version": 1}, "rules")).json() == answer


async def test_a_rules_versions_stay_and_a_deleted_one_is_gone(client: AsyncClient, agent: str) -> None:
    rule_id = str(new_id())
    for number, text in enumerate(("a", "b", "b"), 1):
        assert (await saved(client, agent, rule_id, "rules", condition_text=text))["version"] == min(number, 2)
    path = path_of(agent, "rules", rule_id)
    assert [(await client.get(path, params={"version": version})).json()["condition_text"] for version in (1, 2)] == ["a", "b"]
    assert (await client.delete(path)).status_code == 204
    for answer in (await client.get(path), await client.get(path, params={"version": 1}), await client.delete(path)):
        assert code(answer) == (404, "not_found")
    assert (await saved(client, agent, rule_id, "rules", condition_text="b"))["version"] == 3


async def test_a_scenario_and_a_rule_may_go_by_one_id(client: AsyncClient, agent: str) -> None:
    scenario = await saved(client, agent)
    rule = await saved(client, agent, scenario["id"], "rules")
    assert (await client.delete(path_of(agent, "rules", rule["id"]))).status_code == 204
    assert (await client.get(path_of(agent, "scenarios", scenario["id"]))).json() == scenario


async def test_rules_are_listed_by_name_page_by_page(client: AsyncClient, agent: str) -> None:
    for name in ("b", "c", "a"):
        await saved(client, agent, what="rules", name=name)
    first = (await client.get(path_of(agent, "rules"), params={"limit": 2})).json()
    second = (await client.get(path_of(agent, "rules"), params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [[item["name"] for item in page["items"]] for page in (first, second)] == [["a", "b"], ["c"]]
    assert second["next_cursor"] is None


async def test_a_rule_is_for_a_scenario_or_step_that_its_agent_has(client: AsyncClient, stranger: AsyncClient, agent: str) -> None:
    own = await saved(client, agent, steps=[a_step(FIRST, to=(SECOND,)), a_step(SECOND)])
    of_another_agent = await saved(client, str(new_id()))
    foreign = await saved(stranger, agent)
    deleted = await saved(client, agent)
    await client.delete(path_of(agent, "scenarios", deleted["id"]))
    for scope, scope_id in (("SCENARIO", own["id"]), ("STEP", str(SECOND))):
        assert (await saved(client, agent, what="rules", scope=scope, scope_id=scope_id))["scope_id"] == scope_id
    unknown = [
        *(("SCENARIO", each["id"]) for each in (of_another_agent, foreign, deleted)),
        *(("SCENARIO", str(FIRST)), ("STEP", own["id"]), ("STEP", str(UUID(int=99)))),
    ]
    for scope, scope_id in unknown:
        answer = await put(client, agent, str(new_id()), a_rule(scope=scope, scope_id=scope_id), "rules")
        assert (code(answer), errors(answer)) == ((422, "scope_unknown"), ["scope_id"])
    assert len(await items(client, path_of(agent, "rules"))) == 2


@pytest.mark.parametrize("body", [a_rule(scope="SCENARIO"), a_rule(scope="STEP"), a_rule(scope_id=str(FIRST))], ids=["scenario", "step", "global"])
async def test_a_scope_without_what_it_is_of_is_refused_and_a_global_rule_of_something_too(client: AsyncClient, agent: str, body: Any) -> None:
    answer = await put(client, agent, str(new_id()), body, "rules")
    assert (code(answer), errors(answer)) == ((422, "rule_invalid"), ["scope_id"])
    assert await items(client, path_of(agent, "rules")) == []


SHAPES: list[tuple[Any, list[str]]] = [
    ({}, ["name", "condition_text", "action_text"]),
    ([], ["body"]),
    (a_rule(name=""), ["name"]),
    (a_rule(name="x" * 101), ["name"]),
    (a_rule(condition_text=None), ["condition_text"]),
    (a_rule(condition_text="x" * 10_001), ["condition_text"]),
    (a_rule(action_text="\x00"), ["action_text"]),
    (a_rule(description="\ud800"), ["description"]),
    (a_rule(scope="global"), ["scope"]),
    (a_rule(scope_id="everywhere"), ["scope_id"]),
    (a_rule(priority=101), ["priority"]),
    (a_rule(priority=-101), ["priority"]),
    (a_rule(priority=True), ["priority"]),
    (a_rule(priority="1"), ["priority"]),
    (a_rule(priority=1.0), ["priority"]),
    (a_rule(max_fires_per_session=True), ["max_fires_per_session"]),
    (a_rule(version=True), ["version"]),
    (a_rule(content_hash="a\x00"), ["content_hash"]),
    (a_rule(content_hash="\ud800"), ["content_hash"]),
    (a_rule(enabled="on"), ["enabled"]),
    (a_rule(enabled=1), ["enabled"]),
    (a_rule(max_fires_per_session=-1), ["max_fires_per_session"]),
    (a_rule(cooldown_turns=0.5), ["cooldown_turns"]),
    (a_rule(attached_tool_ids=[1]), ["attached_tool_ids[0]"]),
    (a_rule(attached_template_ids=["x"]), ["attached_template_ids[0]"]),
    (a_rule(id="7f3a2c1e-0000-4000-8000-000000000001"), ["id"]),
    (a_rule(embedding=[]), ["embedding"]),
]


@pytest.mark.parametrize(("body", "fields"), SHAPES, ids=[f"{number} {','.join(fields)}" for number, (_, fields) in enumerate(SHAPES)])
async def test_a_rule_of_the_wrong_shape_is_refused_by_path(client: AsyncClient, agent: str, body: Any, fields: list[str]) -> None:
    answer = await client.put(path_of(agent, "rules", str(new_id())), **as_json(body))
    assert (code(answer), errors(answer)) == ((422, "request_invalid"), fields)
    assert await items(client, path_of(agent, "rules")) == []


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
async def test_hostile_texts_are_only_texts(client: AsyncClient, agent: str, text: str) -> None:
    said: dict[str, Any] = {"name": text, "description": text, "condition_text": text, "action_text": text, "attached_tool_ids": [text]}
    answer = await saved(client, agent, what="rules", **said)
    assert {name: answer[name] for name in said} == said
