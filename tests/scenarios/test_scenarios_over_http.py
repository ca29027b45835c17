"""Scenarios over HTTP: saved as versions, read in any of them, listed, taken away, and refused with every fault by its path."""

from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient

from factbook.access import PrincipalKind, Scope
from factbook.kernel.canonical import canonical_json, sha256_hex
from factbook.kernel.ids import new_id
from tests.calling import Caller
from tests.conversations.inbox import as_json, code, items
from tests.profile.files import errors
from tests.scenarios.designs import FIRST, HOSTILE, SECOND, THIRD, a_scenario, a_step, path_of, put, saved

WHOLE_STEP: dict[str, Any] = {
    "id": str(FIRST),
    "name": "Identify",
    "description": "Which order is it?",
    "transitions": [
        {"to_step_id": str(SECOND), "condition_text": "order.total > 500 && country == 'DE'", "priority": 3, "condition_fields": ["country"]},
        {"to_step_id": str(FIRST), "condition_text": None, "priority": -1, "condition_fields": []},
    ],
    "template_ids": [str(UUID(int=7))],
    "rule_ids": [str(UUID(int=8))],
    "tool_ids": ["crm.orders"],
    "is_entry": True,
    "is_terminal": False,
    "can_skip": True,
    "reachable_from_anywhere": True,
    "collects_profile_fields": ["order_number", "reason"],
    "performs_action": True,
    "is_required_action": True,
    "is_checkpoint": True,
    "checkpoint_description": "The order is known",
}
WHOLE: dict[str, Any] = {
    "name": "Refund",
    "description": "For customers over 18",
    "entry_step_id": str(FIRST),
    "entry_condition_text": "wants money back",
    "steps": [WHOLE_STEP, WHOLE_STEP | {"id": str(SECOND), "is_entry": False, "transitions": []}],
    "tags": ["money", "after sales"],
    "enabled": False,
}
LONE_SURROGATE = "\ud800"


async def test_a_scenario_comes_back_as_it_went_in(client: AsyncClient, agent: str) -> None:
    scenario_id = str(new_id())
    answer = (await put(client, agent, scenario_id, WHOLE)).json()
    assert {name: answer[name] for name in WHOLE} == WHOLE | {"steps": [step | {"scenario_id": scenario_id} for step in WHOLE["steps"]]}
    assert (answer["id"], answer["agent_id"], answer["version"], answer["updated_at"]) == (scenario_id, agent, 1, answer["created_at"])
    assert answer["content_hash"] == sha256_hex(canonical_json(WHOLE))
    assert (await client.get(path_of(agent, "scenarios", scenario_id))).json() == answer
    assert await items(client, path_of(agent, "scenarios")) == [answer]


async def test_an_answer_may_be_sent_back_with_the_ids_and_the_version_that_it_carries(client: AsyncClient, agent: str) -> None:
    first = await saved(client, agent)
    again = {name: first[name] for name in ("id", "version", "content_hash", "name", "entry_step_id", "steps")}
    assert (await put(client, agent, first["id"], again)).json() == first
    changed = (await put(client, agent, first["id"], again | {"name": "Return"})).json()
    assert (changed["name"], changed["version"]) == ("Return", 2)


async def test_the_entry_is_the_step_that_is_marked_where_none_is_named_and_is_marked_where_it_is_named(client: AsyncClient, agent: str) -> None:
    steps = [a_step(FIRST), a_step(SECOND, to=(FIRST,), is_entry=True)]
    marked = (await put(client, agent, str(new_id()), {"name": "Refund", "steps": steps})).json()
    assert marked["entry_step_id"] == str(SECOND)
    named = await saved(client, agent, steps=[a_step(FIRST, to=(SECOND,)), a_step(SECOND)])
    assert [step["is_entry"] for step in named["steps"]] == [True, False]


async def test_a_scenario_without_steps_is_a_description_alone(client: AsyncClient, agent: str) -> None:
    answer = await put(client, agent, str(new_id()), {"name": "Refund", "description": "for customers over 18"})
    assert (answer.status_code, answer.json()["steps"], answer.json()["entry_step_id"]) == (200, [], None)


async def test_every_save_of_other_content_is_a_version_and_every_version_stays(client: AsyncClient, agent: str) -> None:
    scenario_id = str(new_id())
    answers = [await saved(client, agent, scenario_id, description=text) for text in ("one", "two", "one")]
    assert [answer["version"] for answer in answers] == [1, 2, 3]
    assert answers[0]["content_hash"] == answers[2]["content_hash"] != answers[1]["content_hash"]
    assert {answer["created_at"] for answer in answers} == {answers[0]["created_at"]}
    for answer in answers:
        found = (await client.get(path_of(agent, "scenarios", scenario_id), params={"version": answer["version"]})).json()
        assert found | {"extraction": None} == answer | {"extraction": None}
    assert (await client.get(path_of(agent, "scenarios", scenario_id))).json()["version"] == 3
    assert [each["version"] for each in await items(client, path_of(agent, "scenarios"))] == [3]
    assert code(await client.get(path_of(agent, "scenarios", scenario_id), params={"version": 4})) == (404, "not_found")


async def test_saving_what_stands_changes_nothing_however_it_is_written(client: AsyncClient, agent: str) -> None:
    first = await saved(client, agent)
    spelt_out = await saved(client, agent, first["id"], tags=[], enabled=True, description=None, steps=[a_step(is_entry=True, can_skip=False)])
    assert spelt_out == first


async def test_a_deleted_scenario_is_gone_and_comes_back_with_the_next_number(client: AsyncClient, agent: str) -> None:
    first = await saved(client, agent)
    path = path_of(agent, "scenarios", first["id"])
    assert (await client.delete(path)).status_code == 204
    for answer in (await client.get(path), await client.get(path, params={"version": 1}), await client.delete(path)):
        assert code(answer) == (404, "not_found")
    assert await items(client, path_of(agent, "scenarios")) == []
    again = await saved(client, agent, first["id"])
    assert (again["version"], again["content_hash"], again["created_at"]) == (2, first["content_hash"], first["created_at"])
    assert (await client.get(path, params={"version": 1})).json()["version"] == 1


async def test_scenarios_are_listed_by_name_page_by_page(client: AsyncClient, agent: str) -> None:
    for name in ("b", "a", "c", "a", "b"):
        await saved(client, agent, name=name)
    found: list[Any] = []
    cursor = None
    while True:
        page = (await client.get(path_of(agent, "scenarios"), params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        found += [(item["name"], item["id"]) for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == sorted(found)
    assert [name for name, _ in found] == ["a", "a", "b", "b", "c"]


async def test_a_cursor_of_another_list_is_refused(client: AsyncClient, agent: str) -> None:
    for what in ("scenarios", "rules"):
        for _ in range(2):
            await saved(client, agent, what=what)
    cursor = (await client.get(path_of(agent, "rules"), params={"limit": 1})).json()["next_cursor"]
    for what in ("scenarios", "requirements"):
        answer = await client.get(path_of(agent, what), params={"cursor": cursor})
        assert (code(answer), errors(answer)) == ((422, "request_invalid"), ["cursor"])


async def test_an_agent_nobody_heard_of_has_nothing(client: AsyncClient, agent: str) -> None:
    for what in ("scenarios", "rules", "requirements"):
        assert await items(client, path_of(agent, what)) == []


async def test_what_is_another_agents_or_another_tenants_is_not_there(client: AsyncClient, stranger: AsyncClient, agent: str) -> None:
    for what in ("scenarios", "rules"):
        design = await saved(client, agent, what=what)
        for caller, path in ((stranger, path_of(agent, what, design["id"])), (client, path_of(str(new_id()), what, design["id"]))):
            for rest in ("", "?version=1", "/extraction"):
                assert code(await caller.get(path + rest)) == (404, "not_found")
            assert code(await caller.delete(path)) == (404, "not_found")
            assert code(await caller.post(path + "/extraction")) == (404, "not_found")
        assert await items(stranger, path_of(agent, what)) == []
        theirs = await saved(stranger, agent, design["id"], what, name="theirs")
        assert theirs["version"] == 1
        assert (await client.get(path_of(agent, what, design["id"]))).json() == design


@pytest.mark.parametrize("what", ["scenarios", "rules"])
@pytest.mark.parametrize("is_deleted", [False, True])
async def test_an_id_belongs_to_one_agent_of_a_tenant_for_ever(client: AsyncClient, agent: str, what: str, is_deleted: bool) -> None:
    design = await saved(client, agent, what=what)
    if is_deleted:
        await client.delete(path_of(agent, what, design["id"]))
    other = str(new_id())
    body = {"name": "Refund"} if what == "scenarios" else {"name": "Rule", "condition_text": "a", "action_text": "b"}
    assert code(await put(client, other, design["id"], body, what)) == (409, "id_taken")
    assert await items(client, path_of(other, what)) == []


async def test_designing_needs_a_human_or_the_scope_of_administration_and_reading_needs_neither(
    caller: Caller, client: AsyncClient, agent: str
) -> None:
    service = await caller.client(PrincipalKind.SERVICE, frozenset(Scope) - {Scope.ADMIN})
    for what in ("scenarios", "rules"):
        design = await saved(client, agent, what=what)
        path = path_of(agent, what, design["id"])
        body = {"name": "Refund"} if what == "scenarios" else {"name": "Rule", "condition_text": "a", "action_text": "b"}
        for refused in (await service.put(path, json=body), await service.delete(path), await service.post(path + "/extraction")):
            assert code(refused) == (403, "scope_required")
        for path_read in (path, path + "/extraction", path_of(agent, what)):
            assert (await service.get(path_read)).status_code == 200
            assert code(await caller.with_key(None).get(path_read)) == (401, "unauthenticated")
        administrator = await caller.client(PrincipalKind.SERVICE, frozenset({Scope.ADMIN}))
        assert (await administrator.put(path, json=body)).status_code == 200
        assert (await (await caller.client(scopes=frozenset())).delete(path)).status_code == 204


LOST = UUID(int=99)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"name": "Refund", "steps": [a_step()]}, ["entry_step_id"]),
        ({"name": "Refund", "steps": [a_step(is_entry=True), a_step(SECOND, is_entry=True)]}, ["entry_step_id"]),
        (a_scenario(entry_step_id=str(LOST)), ["entry_step_id"]),
        ({"name": "Refund", "entry_step_id": str(FIRST)}, ["entry_step_id"]),
        (a_scenario(a_step(to=(SECOND,)), a_step(SECOND, is_entry=True)), ["steps[1].is_entry"]),
        (a_scenario(a_step(), a_step()), ["steps[1].id"]),
        (a_scenario(a_step(to=(SECOND,)), a_step(), a_step(SECOND)), ["steps[1].id"]),
        (a_scenario(a_step(to=(FIRST, LOST))), ["steps[0].transitions[1].to_step_id"]),
        (a_scenario(a_step(), a_step(SECOND)), ["steps[1]"]),
        (a_scenario(a_step(), a_step(SECOND, to=(THIRD,)), a_step(THIRD, to=(SECOND,))), ["steps[1]", "steps[2]"]),
        (
            a_scenario(a_step(to=(LOST,)), a_step(), a_step(SECOND, is_entry=True)),
            ["steps[2].is_entry", "steps[0].transitions[0].to_step_id", "steps[1].id", "steps[2]"],
        ),
    ],
    ids=lambda given: ",".join(given) if isinstance(given, list) else "",
)
async def test_a_scenario_that_does_not_hold_together_is_refused_with_every_fault(
    client: AsyncClient, agent: str, body: Any, fields: list[str]
) -> None:
    answer = await put(client, agent, str(new_id()), body)
    assert code(answer) == (422, "scenario_invalid")
    assert errors(answer) == fields
    assert await items(client, path_of(agent, "scenarios")) == []


async def test_a_step_that_no_transition_leads_to_may_be_reachable_from_anywhere_and_what_it_leads_to_is_reached(
    client: AsyncClient, agent: str
) -> None:
    steps = [a_step(), a_step(SECOND, to=(THIRD,), reachable_from_anywhere=True), a_step(THIRD)]
    assert len((await saved(client, agent, steps=steps))["steps"]) == 3


async def test_of_many_faults_a_hundred_are_told(client: AsyncClient, agent: str) -> None:
    answer = await put(client, agent, str(new_id()), a_scenario(*(a_step() for _ in range(150))))
    assert (code(answer), len(errors(answer))) == ((422, "scenario_invalid"), 100)
    assert "149" in answer.json()["detail"]


def step_with(**more: Any) -> dict[str, Any]:
    return a_scenario(a_step(**more))


def transition_with(**more: Any) -> dict[str, Any]:
    return step_with(transitions=[{"to_step_id": str(FIRST)} | more])


SHAPES: list[tuple[Any, list[str]]] = [
    ({}, ["name"]),
    ([], ["body"]),
    (a_scenario(name=""), ["name"]),
    (a_scenario(name="   "), ["name"]),
    (a_scenario(name="x" * 101), ["name"]),
    (a_scenario(name="a\x00"), ["name"]),
    (a_scenario(description=LONE_SURROGATE), ["description"]),
    (a_scenario(description="x" * 10_001), ["description"]),
    (a_scenario(entry_condition_text=7), ["entry_condition_text"]),
    (a_scenario(entry_step_id="first"), ["entry_step_id"]),
    (a_scenario(tags=[""]), ["tags[0]"]),
    (a_scenario(tags=["x"] * 51), ["tags"]),
    (a_scenario(enabled=None), ["enabled"]),
    (a_scenario(enabled="yes"), ["enabled"]),
    (a_scenario(required_fields=[]), ["required_fields"]),
    (a_scenario(agent_id="7f3a2c1e-0000-4000-8000-000000000001"), ["agent_id"]),
    (a_scenario(id="7f3a2c1e-0000-4000-8000-000000000001"), ["id"]),
    (step_with(scenario_id="7f3a2c1e-0000-4000-8000-000000000001"), ["steps[0].scenario_id"]),
    ({"name": "Refund", "steps": [{"name": "Ask"}]}, ["steps[0].id"]),
    ({"name": "Refund", "steps": [{"id": str(FIRST)}]}, ["steps[0].name"]),
    ({"name": "Refund", "steps": "many"}, ["steps"]),
    ({"name": "Refund", "steps": [a_step(UUID(int=number)) for number in range(201)]}, ["steps"]),
    (step_with(colour="red"), ["steps[0].colour"]),
    (step_with(can_skip=1), ["steps[0].can_skip"]),
    (step_with(checkpoint_description="\x00"), ["steps[0].checkpoint_description"]),
    (step_with(collects_profile_fields=["order_number", "Order Number"]), ["steps[0].collects_profile_fields[1]"]),
    (step_with(collects_profile_fields=["a" * 51]), ["steps[0].collects_profile_fields[0]"]),
    (step_with(collects_profile_fields=["a"] * 101), ["steps[0].collects_profile_fields"]),
    (step_with(tool_ids=[""]), ["steps[0].tool_ids[0]"]),
    (step_with(template_ids=["greeting"]), ["steps[0].template_ids[0]"]),
    (step_with(rule_ids=[str(FIRST)] * 101), ["steps[0].rule_ids"]),
    (step_with(transitions=[{"to_step_id": str(FIRST)}] * 51), ["steps[0].transitions"]),
    (step_with(transitions=[{}]), ["steps[0].transitions[0].to_step_id"]),
    (transition_with(priority=1.5), ["steps[0].transitions[0].priority"]),
    (transition_with(priority=True), ["steps[0].transitions[0].priority"]),
    (transition_with(priority=1_000_001), ["steps[0].transitions[0].priority"]),
    (transition_with(condition_text=LONE_SURROGATE), ["steps[0].transitions[0].condition_text"]),
    (transition_with(condition_fields=["ok", "1st"]), ["steps[0].transitions[0].condition_fields[1]"]),
    (transition_with(embedding=[0.5]), ["steps[0].transitions[0].embedding"]),
]


@pytest.mark.parametrize(("body", "fields"), SHAPES, ids=[f"{number} {','.join(fields)}" for number, (_, fields) in enumerate(SHAPES)])
async def test_a_scenario_of_the_wrong_shape_is_refused_by_path(client: AsyncClient, agent: str, body: Any, fields: list[str]) -> None:
    answer = await client.put(path_of(agent, "scenarios", str(new_id())), **as_json(body))
    assert code(answer) == (422, "request_invalid")
    assert errors(answer) == fields
    assert await items(client, path_of(agent, "scenarios")) == []


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
async def test_hostile_texts_are_only_texts(client: AsyncClient, agent: str, text: str) -> None:
    transition = {"to_step_id": str(FIRST), "condition_text": text}
    step = a_step(name=text, description=text, checkpoint_description=text, tool_ids=[text], transitions=[transition])
    body = a_scenario(step, name=text, description=text, entry_condition_text=text, tags=[text])
    answer = (await put(client, agent, str(new_id()), body)).json()
    for name in ("name", "description", "entry_condition_text", "tags"):
        assert answer[name] == body[name]
    assert answer["steps"][0]["transitions"][0]["condition_text"] == text
    assert await items(client, path_of(agent, "scenarios")) == [answer]


async def test_an_id_in_the_path_that_is_none_is_told_by_name(client: AsyncClient, agent: str) -> None:
    for path, field in ((path_of("nobody", "scenarios", str(new_id())), "agent_id"), (path_of(agent, "scenarios", "refund"), "scenario_id")):
        for answer in (await client.put(path, json={"name": "Refund"}), await client.get(path), await client.delete(path)):
            assert (code(answer), errors(answer)) == ((422, "request_invalid"), [field])
    for version in ("0", "last", str(2**31)):
        answer = await client.get(path_of(agent, "scenarios", str(new_id())), params={"version": version})
        assert (code(answer), errors(answer)) == ((422, "request_invalid"), ["version"])


def largest(fields_of_a_step: int) -> dict[str, Any]:
    """A scenario of as many steps and transitions as there can be."""
    ids = [UUID(int=number) for number in range(1, 201)]
    names = [f"field_{number}" for number in range(fields_of_a_step)]
    transitions = [{"to_step_id": str(target), "condition_text": "x", "condition_fields": names[:1]} for target in ids[1:51]]
    steps = [a_step(step_id, reachable_from_anywhere=True, transitions=transitions, collects_profile_fields=names) for step_id in ids]
    return a_scenario(*steps)


async def test_the_largest_scenario_is_taken_and_a_larger_one_is_not(client: AsyncClient, agent: str) -> None:
    refused = await put(client, agent, str(new_id()), largest(11))
    assert (code(refused), errors(refused)) == ((422, "scenario_invalid"), ["steps"])
    answer = await put(client, agent, str(new_id()), largest(10))
    assert answer.status_code == 200
    assert [len(step["transitions"]) for step in answer.json()["steps"]] == [50] * 200
    page = (await client.get(path_of(agent, "requirements"), params={"limit": 200})).json()
    assert (len(page["items"]), page["next_cursor"] is not None) == (200, True)
