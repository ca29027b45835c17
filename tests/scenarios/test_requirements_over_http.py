"""Requirements over HTTP: written by hand, listed by scenario and step, reviewed by a human, taken away."""

import asyncio
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from factbook.access import PrincipalKind, Scope, create_key
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from factbook.profile import LONGEST_CONDITION
from tests.calling import Caller
from tests.conversations.inbox import as_json, code, items
from tests.profile.files import errors
from tests.scenarios.designs import FIRST, SECOND, a_step, names, path_of, required, saved

STEPS = [a_step(FIRST, to=(SECOND,)), a_step(SECOND)]


@pytest.fixture
async def scenario(client: AsyncClient, agent: str) -> str:
    """The id of a scenario of two steps that needs nothing."""
    return str((await saved(client, agent, steps=STEPS))["id"])


async def post(client: AsyncClient, agent: str, scenario: str, field_name: str = "reason", key: str | None = None, **more: Any) -> Response:
    """The answer to writing a requirement."""
    headers = {"Idempotency-Key": key} if key else {}
    return await client.post(path_of(agent, "requirements"), json={"scenario_id": scenario, "field_name": field_name, **more}, headers=headers)


async def written(client: AsyncClient, agent: str, scenario: str, field_name: str = "reason", **more: Any) -> dict[str, Any]:
    """A requirement, written by hand."""
    answer = await post(client, agent, scenario, field_name, **more)
    assert answer.status_code in {200, 201}, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def review(client: AsyncClient, agent: str, requirement: str, decision: Any) -> Response:
    """The answer to a decision."""
    return await client.post(path_of(agent, "requirements", requirement, "/review"), json={"decision": decision})


async def test_a_requirement_comes_back_as_it_went_in(client: AsyncClient, agent: str, scenario: str) -> None:
    rule = (await saved(client, agent, what="rules"))["id"]
    whole = {
        "scenario_id": scenario,
        "step_id": str(FIRST),
        "rule_id": rule,
        "field_name": "reason",
        "required_level": "soft",
        "fallback_action": "skip",
        "when_condition": "order_type == 'international'",
        "depends_on_fields": ["order_type"],
        "collection_order": 7,
    }
    answer = await client.post(path_of(agent, "requirements"), json=whole)
    assert answer.status_code == 201
    saved_one = answer.json()
    ours = {"agent_id": agent, "origin": "manual", "review": None, "needs_human_review": False, "extraction_confidence": 1.0}
    assert {name: saved_one[name] for name in whole | ours} == whole | ours
    assert await required(client, agent) == [saved_one]


async def test_the_same_scenario_step_rule_and_field_is_one_requirement(client: AsyncClient, agent: str, scenario: str) -> None:
    first = await post(client, agent, scenario)
    again = await post(client, agent, scenario, required_level="soft")
    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.json()["id"], again.json()["created_at"]) == (first.json()["id"], first.json()["created_at"])
    assert [each["required_level"] for each in await required(client, agent)] == ["soft"]
    assert (await post(client, agent, scenario, step_id=str(FIRST))).status_code == 201


async def test_a_scenario_lists_what_all_of_it_needs_a_step_that_too_and_the_agent_everything(client: AsyncClient, agent: str, scenario: str) -> None:
    other = (await saved(client, agent))["id"]
    await written(client, agent, scenario, "late", collection_order=2)
    await written(client, agent, scenario, "early", collection_order=1)
    await written(client, agent, scenario, "of_first", step_id=str(FIRST))
    await written(client, agent, scenario, "of_second", step_id=str(SECOND), collection_order=1)
    await written(client, agent, other, "elsewhere")
    assert await names(client, agent, scenario) == ["early", "late"]
    assert await names(client, agent, scenario, FIRST) == ["of_first", "early", "late"]
    assert await names(client, agent, scenario, SECOND) == ["early", "of_second", "late"]
    assert sorted(await names(client, agent)) == ["early", "elsewhere", "late", "of_first", "of_second"]


async def test_requirements_are_listed_page_by_page(client: AsyncClient, agent: str, scenario: str) -> None:
    for number in range(5):
        await written(client, agent, scenario, f"field_{number}", collection_order=number // 2 - 1)
    found: list[str] = []
    asked: dict[str, Any] = {"scenario_id": scenario, "limit": 2}
    while True:
        page = (await client.get(path_of(agent, "requirements"), params=asked)).json()
        found += [each["field_name"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        asked["cursor"] = page["next_cursor"]
    assert found == [f"field_{number}" for number in range(5)]


async def test_what_is_not_the_agents_is_not_there(client: AsyncClient, stranger: AsyncClient, agent: str, scenario: str) -> None:
    requirement = (await written(client, agent, scenario))["id"]
    other = str(new_id())
    foreign = (await saved(stranger, agent))["id"]
    deleted = (await saved(client, agent))["id"]
    await client.delete(path_of(agent, "scenarios", deleted))
    for caller, whose in ((client, other), (stranger, agent)):
        assert code(await caller.delete(path_of(whose, "requirements", requirement))) == (404, "not_found")
        assert code(await review(caller, whose, requirement, "accepted")) == (404, "not_found")
        assert code(await caller.get(path_of(whose, "requirements"), params={"scenario_id": scenario})) == (404, "not_found")
        assert code(await post(caller, whose, scenario)) == (404, "not_found")
    for unknown in (foreign, deleted, str(new_id())):
        assert code(await client.get(path_of(agent, "requirements"), params={"scenario_id": unknown})) == (404, "not_found")
        refused = await post(client, agent, unknown)
        assert (code(refused), errors(refused)) == ((404, "not_found"), ["scenario_id"])
    assert await items(stranger, path_of(agent, "requirements")) == []
    assert len(await required(client, agent)) == 1


async def test_a_step_or_rule_that_the_agent_does_not_have_is_told_by_name(client: AsyncClient, agent: str, scenario: str) -> None:
    for field in ("step_id", "rule_id"):
        answer = await post(client, agent, scenario, **{field: str(new_id())})
        assert (code(answer), errors(answer)) == ((404, "not_found"), [field])
    answer = await client.get(path_of(agent, "requirements"), params={"step_id": str(FIRST)})
    assert (code(answer), errors(answer)) == ((422, "request_invalid"), ["scenario_id"])


SHAPES: list[tuple[dict[str, Any], list[str]]] = [
    ({"field_name": None}, ["field_name"]),
    ({"field_name": "Reason"}, ["field_name"]),
    ({"field_name": "a" * 51}, ["field_name"]),
    ({"scenario_id": "refund"}, ["scenario_id"]),
    ({"step_id": "first"}, ["step_id"]),
    ({"required_level": "must"}, ["required_level"]),
    ({"fallback_action": "guess"}, ["fallback_action"]),
    ({"when_condition": ""}, ["when_condition"]),
    ({"when_condition": "x" * (LONGEST_CONDITION + 1)}, ["when_condition"]),
    ({"when_condition": "a\x00"}, ["when_condition"]),
    ({"when_condition": "\ud800"}, ["when_condition"]),
    ({"depends_on_fields": ["Order"]}, ["depends_on_fields[0]"]),
    ({"depends_on_fields": ["a"] * 101}, ["depends_on_fields"]),
    ({"collection_order": 2**31}, ["collection_order"]),
    ({"collection_order": 0.5}, ["collection_order"]),
    ({"collection_order": True}, ["collection_order"]),
    ({"collection_order": "1"}, ["collection_order"]),
    ({"collection_order": 1.0}, ["collection_order"]),
    ({"origin": "auto"}, ["origin"]),
    ({"review": "accepted"}, ["review"]),
    ({"needs_human_review": True}, ["needs_human_review"]),
    ({"extraction_confidence": 0.3}, ["extraction_confidence"]),
    ({"id": "7f3a2c1e-0000-4000-8000-000000000001"}, ["id"]),
]


@pytest.mark.parametrize(("more", "fields"), SHAPES, ids=[f"{number} {fields[0]}" for number, (_, fields) in enumerate(SHAPES)])
async def test_a_requirement_of_the_wrong_shape_is_refused_by_field(
    client: AsyncClient, agent: str, scenario: str, more: dict[str, Any], fields: list[str]
) -> None:
    answer = await client.post(path_of(agent, "requirements"), **as_json({"scenario_id": scenario, "field_name": "reason"} | more))
    assert (code(answer), errors(answer)) == ((422, "request_invalid"), fields)
    assert await items(client, path_of(agent, "requirements")) == []


async def test_what_a_scenario_cannot_do_without_cannot_be_skipped(client: AsyncClient, agent: str, scenario: str) -> None:
    answer = await post(client, agent, scenario, fallback_action="skip")
    assert (code(answer), errors(answer)) == ((422, "requirement_contradicts"), ["fallback_action"])
    assert await required(client, agent) == []
    for action in ("ask", "block", "extract"):
        assert (await written(client, agent, scenario, fallback_action=action))["fallback_action"] == action


async def test_a_human_reviews_and_the_last_decision_counts(client: AsyncClient, agent: str, scenario: str) -> None:
    requirement = await written(client, agent, scenario)
    for decision in ("rejected", "accepted", "accepted", "rejected"):
        answer = await review(client, agent, requirement["id"], decision)
        assert (answer.status_code, answer.json()["review"], answer.json()["needs_human_review"]) == (200, decision, False)
        assert await required(client, agent, scenario) == [answer.json()]
    for wrong in (None, "maybe", True, ""):
        answer = await review(client, agent, requirement["id"], wrong)
        assert (code(answer), errors(answer)) == ((422, "request_invalid"), ["decision"])
    assert [each["review"] for each in await required(client, agent)] == ["rejected"]


async def test_who_reviewed_is_in_the_audit_trail(client: AsyncClient, caller: Caller, database: Database, agent: str, scenario: str) -> None:
    requirement = (await written(client, agent, scenario))["id"]
    other = caller.with_key(await create_key(database, caller.tenant_id, PrincipalKind.HUMAN, "Ben", []))
    await review(client, agent, requirement, "rejected")
    await review(other, agent, requirement, "accepted")
    events = await items(client, "/audit-events", event_name="requirement.reviewed")
    assert [event["context"] for event in events] == [
        {"requirement_id": requirement, "scenario_id": scenario, "decision": decision} for decision in ("rejected", "accepted")
    ]
    assert {event["actor_type"] for event in events} == {"human"}
    assert len({event["actor_id"] for event in events}) == 2
    assert (await client.get("/audit-events/verification")).json()["intact"] is True


async def test_a_requirement_that_is_written_anew_is_not_reviewed(client: AsyncClient, agent: str, scenario: str) -> None:
    requirement = await written(client, agent, scenario)
    await review(client, agent, requirement["id"], "rejected")
    assert (await written(client, agent, scenario))["review"] is None


async def test_a_requirement_that_is_taken_away_is_gone(client: AsyncClient, agent: str, scenario: str) -> None:
    requirement = await written(client, agent, scenario)
    path = path_of(agent, "requirements", requirement["id"])
    assert (await client.delete(path)).status_code == 204
    assert code(await client.delete(path)) == (404, "not_found")
    assert code(await review(client, agent, requirement["id"], "accepted")) == (404, "not_found")
    assert await required(client, agent) == []
    assert (await written(client, agent, scenario))["id"] != requirement["id"]


async def test_who_may_write_and_who_may_review(caller: Caller, client: AsyncClient, agent: str, scenario: str) -> None:
    requirement = (await written(client, agent, scenario))["id"]
    service = await caller.client(PrincipalKind.SERVICE, frozenset(Scope) - {Scope.ADMIN})
    assert code(await post(service, agent, scenario)) == (403, "scope_required")
    assert code(await service.delete(path_of(agent, "requirements", requirement))) == (403, "scope_required")
    assert len(await required(service, agent)) == 1
    administrator = await caller.client(PrincipalKind.SERVICE, frozenset(Scope))
    assert (await post(administrator, agent, scenario, "other")).status_code == 201
    for refused in (service, administrator):
        assert code(await review(refused, agent, requirement, "accepted")) == (403, "human_required")
    assert (await review(await caller.client(scopes=frozenset()), agent, requirement, "accepted")).status_code == 200


async def test_a_request_repeated_under_its_key_writes_once(client: AsyncClient, agent: str, scenario: str) -> None:
    answers = await asyncio.gather(*(post(client, agent, scenario, key="one", collection_order=1) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    await written(client, agent, scenario, collection_order=2)
    repeated = await post(client, agent, scenario, key="one", collection_order=1)
    assert (repeated.status_code, repeated.json()["collection_order"]) == (200, 2)
    assert code(await post(client, agent, scenario, key="one", collection_order=3)) == (409, "idempotency_key_reused")
    await client.delete(path_of(agent, "requirements", repeated.json()["id"]))
    assert code(await post(client, agent, scenario, key="one", collection_order=1)) == (404, "not_found")


async def test_a_deleted_scenario_takes_all_of_its_requirements_with_it(client: AsyncClient, agent: str) -> None:
    scenario = (await saved(client, agent, steps=[a_step(collects_profile_fields=["order_number"])]))["id"]
    other = (await saved(client, agent, steps=[a_step(collects_profile_fields=["colour"])]))["id"]
    await written(client, agent, scenario)
    await client.delete(path_of(agent, "scenarios", scenario))
    assert await names(client, agent) == ["colour"]
    assert await names(client, agent, other, FIRST) == ["colour"]
    await saved(client, agent, scenario, steps=[a_step(collects_profile_fields=["order_number"])])
    assert await names(client, agent, scenario, FIRST) == ["order_number"]
