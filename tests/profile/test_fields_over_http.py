"""Fields over HTTP: who may write what, what a model is believed, bad input, histories by pages, entity tags."""

import asyncio
import json
from typing import Any

import pytest
from httpx2 import AsyncClient

from factbook.access import PrincipalKind, Scope
from factbook.kernel.ids import new_id
from tests.calling import Caller
from tests.conversations.inbox import as_json, code, create_customer, link, receive

CANARY = "canary-7f3a"


@pytest.fixture
async def customer(client: AsyncClient) -> str:
    """The path of a customer's profile."""
    return f"/customers/{await create_customer(client)}/profile"


async def put(client: AsyncClient, profile: str, name: str, value: Any, **more: Any) -> Any:
    """The answer to writing a field."""
    return await client.put(f"{profile}/fields/{name}", json={"value": value, "source": "user_provided", **more})


async def test_a_profile_nobody_wrote_to_is_empty_and_keeps_its_id_when_somebody_does(client: AsyncClient, customer: str) -> None:
    empty = (await client.get(customer)).json()
    assert (empty["fields"], empty["assets"], empty["version"], empty["verification_level"]) == ({}, [], 0, "unverified")
    await put(client, customer, "name", "Ada")
    written = (await client.get(customer)).json()
    assert (written["id"], written["created_at"], written["version"] > 0) == (empty["id"], empty["created_at"], True)
    assert [identity["primary"] for identity in written["channel_identities"]] == [True]


async def test_values_come_back_as_they_went_in(client: AsyncClient, customer: str) -> None:
    values: list[Any] = [42, 42.0, 2**90, True, "42", "Zoë \u202e", ["a", None, {"b": 1}], {}]
    for value in values:
        text = json.dumps({"value": value, "source": "tool_result"})
        answer = await client.put(f"{customer}/fields/value", content=text, headers={"Content-Type": "application/json"})
        assert answer.status_code == 200, answer.text
        for read in (
            answer.json()["field"],
            (await client.get(f"{customer}/fields/value")).json(),
            (await client.get(customer)).json()["fields"]["value"],
        ):
            assert (read["value"], type(read["value"])) == (value, type(value))


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"value": 1}, ["source"]),
        ({"source": "user_provided"}, ["value"]),
        ({"value": None, "source": "user_provided"}, ["value"]),
        ({"value": "a\x00b", "source": "user_provided"}, ["value"]),
        ({"value": {"\ud800": 1}, "source": "user_provided"}, ["value"]),
        ({"value": 1, "source": "gossip"}, ["source"]),
        ({"value": 1, "source": "user_provided", "verified": True}, ["verified"]),
        ({"value": 1, "source": "user_provided", "confidence": 1.5}, ["confidence"]),
        ({"value": 1, "source": "user_provided", "expires_at": "tomorrow"}, ["expires_at"]),
        ({"value": 1, "source": "user_provided", "source_item_id": "x"}, ["source_item_id"]),
        ({"value": 1, "source": "user_provided", "source_item_type": "dream"}, ["source_item_type"]),
        ({"value": 1, "source": "user_provided", "source_metadata": {"a": "\x00"}}, ["source_metadata"]),
        ({"value": 1, "source": "user_provided", "value_type": "money"}, ["value_type"]),
    ],
)
async def test_bad_input_names_its_field_and_stores_nothing(client: AsyncClient, customer: str, body: dict[str, Any], fields: list[str]) -> None:
    answer = await client.put(f"{customer}/fields/name", **as_json(body))
    assert code(answer) == (422, "request_invalid")
    assert [error["field"] for error in answer.json()["errors"]] == fields
    assert (await client.get(customer)).json()["version"] == 0


@pytest.mark.parametrize("name", ["Name", "1st", "a-b", "a" * 51, "na%00me"])
async def test_a_name_that_is_none_is_refused(client: AsyncClient, customer: str, name: str) -> None:
    answer = await put(client, customer, name, 1)
    assert code(answer) == (422, "request_invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["name"]


async def test_a_strict_definition_lists_every_error_and_repeats_no_value(client: AsyncClient, customer: str) -> None:
    agent = new_id()
    definition = {"value_type": "string", "validation_regex": "[0-9]+", "allowed_values": ["1", "2"], "validation_mode": "strict"}
    assert (await client.put(f"/agents/{agent}/field-definitions/plan", json=definition)).status_code == 200
    answer = await put(client, customer, "plan", CANARY, agent_id=str(agent))
    assert code(answer) == (422, "field_invalid")
    assert [(error["field"], error["message"].partition(":")[0]) for error in answer.json()["errors"]] == [
        ("value", "regex_error"),
        ("value", "allowed_values_error"),
    ]
    assert CANARY not in answer.text
    assert (await put(client, customer, "plan", "1", agent_id=str(agent))).json()["warnings"] == []


async def test_unknown_foreign_and_malformed_customers_read_alike(client: AsyncClient, caller: Caller, customer: str) -> None:
    foreign = f"/customers/{new_id()}/profile"
    for profile in (foreign, "/customers/nobody/profile"):
        answers = [
            await client.get(profile),
            await client.get(f"{profile}?include_history=true"),
            await put(client, profile, "name", 1),
            await client.get(f"{profile}/fields/name"),
            await client.get(f"{profile}/fields/name/history"),
            await client.post(f"{profile}/fields/name/verification", json={"method": "otp"}),
            await client.delete(f"{profile}/fields/{new_id()}"),
        ]
        assert [code(answer) for answer in answers] == [(404, "not_found")] * len(answers)
        assert {answer.json()["detail"] for answer in answers} == {"No such customer."}


async def test_a_service_needs_a_scope_and_is_never_a_human(caller: Caller, client: AsyncClient, customer: str) -> None:
    reader = await caller.client(PrincipalKind.SERVICE, frozenset({Scope.TRUTH_WRITE, Scope.ADMIN}))
    assert code(await put(reader, customer, "name", 1)) == (403, "scope_required")
    for scope in (Scope.PROFILES_WRITE, Scope.CUSTOMERS_WRITE):
        service = await caller.client(PrincipalKind.SERVICE, frozenset({scope}))
        written = await put(service, customer, "name", 1)
        assert written.status_code == 200
        assert code(await put(service, customer, "name", 2, source="human_entered")) == (403, "human_required")
        assert code(await service.post(f"{customer}/fields/name/verification", json={"method": "otp"})) == (403, "human_required")
        forced = await service.delete(f"{customer}/fields/{written.json()['field']['id']}?force=true")
        assert code(forced) == (403, "human_required")
    human = await caller.client(PrincipalKind.HUMAN, frozenset())
    assert (await put(human, customer, "name", 3, source="human_entered")).status_code == 200


async def test_a_service_deletes_what_it_may_write_and_nothing_that_a_human_stands_behind(caller: Caller, client: AsyncClient, customer: str) -> None:
    service = await caller.client(PrincipalKind.SERVICE, frozenset({Scope.PROFILES_WRITE}))
    entered = (await put(client, customer, "name", "Ada", source="human_entered")).json()["field"]["id"]
    said = (await put(client, customer, "city", "Rome")).json()["field"]["id"]
    verified = (await put(client, customer, "pet", "cat")).json()["field"]["id"]
    await client.post(f"{customer}/fields/pet/verification", json={"method": "otp"})
    answers = [await service.delete(f"{customer}/fields/{field}") for field in (entered, said, verified)]
    assert [answer.status_code for answer in answers] == [403, 204, 403]
    assert (await client.delete(f"{customer}/fields/{entered}")).status_code == 204


async def test_what_a_model_extracted_requires_confirmation_unless_it_quotes_what_the_customer_said(client: AsyncClient, customer: str) -> None:
    conversation = await receive(client)
    said = {"direction": "inbound", "text": "My name is Ada, and I am 42."}
    await client.post(f"/conversations/{conversation}/messages", json=said)
    await client.post(f"/conversations/{conversation}/messages", json={"direction": "outbound", "text": "Hello Bob, that is you."})
    quoting = {"source": "llm_extracted", "source_item_type": "session", "source_item_id": conversation}

    async def asks(value: Any, quote: str | None, **more: Any) -> bool:
        metadata = {} if quote is None else {"quote": quote}
        answer = await put(client, customer, "who", value, **quoting | {"source_metadata": metadata} | more)
        asked: bool = answer.json()["field"]["requires_confirmation"]
        return asked

    assert not await asks("Ada", "My name is Ada")
    assert not await asks("ada", "name is Ada")
    assert not await asks(42, "I am 42")
    assert await asks("Ada", None)
    assert await asks("Bob", "Hello Bob")
    assert await asks("Eve", "My name is Eve")
    assert await asks("Eve", "My name is Ada")
    assert await asks("Ada", "My name is Ada", source_item_id=str(new_id()))
    await link(client, conversation, await create_customer(client, "+39 333 7654321"))
    assert await asks("Ada", "My name is Ada")


async def test_a_proposal_is_answered_and_is_not_the_active_value(client: AsyncClient, customer: str) -> None:
    await put(client, customer, "name", "Ada", source="human_entered")
    proposal = (await put(client, customer, "name", "Eda", source="llm_extracted")).json()["field"]
    assert (proposal["value"], proposal["requires_confirmation"], proposal["status"]) == ("Eda", True, "superseded")
    assert (await client.get(f"{customer}/fields/name")).json()["value"] == "Ada"
    assert (await client.get(f"{customer}/fields/name?status=superseded")).json()["id"] == proposal["id"]
    assert code(await client.get(f"{customer}/fields/name?status=orphaned")) == (404, "not_found")
    assert code(await client.get(f"{customer}/fields/name?status=asleep")) == (422, "request_invalid")


async def test_a_history_by_pages_is_the_whole_newest_first(client: AsyncClient, customer: str) -> None:
    for value in range(7):
        await put(client, customer, "n", value, collected_at=f"2026-01-01T00:00:0{min(value, 3)}Z")
    whole = (await client.get(f"{customer}/fields/n/history")).json()
    assert whole["next_cursor"] is None
    assert [each["value"] for each in whole["items"]] == [6, 5, 4, 3, 2, 1, 0]
    walked: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await client.get(f"{customer}/fields/n/history?limit=3{cursor and '&cursor=' + cursor}")).json()
        walked += page["items"]
        cursor = page["next_cursor"]
    assert walked == whole["items"]
    assert code(await client.get(f"{customer}/fields/n/history?cursor=nonsense")) == (422, "request_invalid")
    assert (await client.get(f"{customer}/fields/unknown/history")).json() == {"items": [], "next_cursor": None}


async def test_an_entity_tag_stands_for_the_whole_document(client: AsyncClient, customer: str) -> None:
    first = await client.get(customer)
    again = await client.get(customer, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    await put(client, customer, "name", "Ada")
    changed = await client.get(customer, headers={"If-None-Match": first.headers["etag"]})
    assert (changed.status_code, changed.headers["etag"] != first.headers["etag"]) == (200, True)
    assert (await client.get(customer, headers={"If-None-Match": "*"})).status_code == 304
    history = await client.get(f"{customer}?include_history=true")
    assert [each["value"] for each in history.json()["field_history"]["name"]] == ["Ada"]


async def test_an_attached_address_is_in_the_profile_at_once(client: AsyncClient, customer: str) -> None:
    await client.get(customer)
    identities = customer.replace("/profile", "/channel-identities")
    attached = (await client.post(identities, json={"channel": "email", "identifier": "ada@example.org"})).json()
    shown = (await client.get(customer)).json()["channel_identities"]
    assert [each["channel_user_id"] for each in shown] == ["393331234567", "ada@example.org"]
    await client.delete(f"{identities}/{attached['id']}")
    assert len((await client.get(customer)).json()["channel_identities"]) == 1


async def test_racing_writers_leave_one_active_value_and_lose_none(client: AsyncClient, customer: str) -> None:
    answers = await asyncio.gather(*(put(client, customer, "n", value) for value in range(12)))
    assert {answer.status_code for answer in answers} == {200}
    history = (await client.get(f"{customer}/fields/n/history")).json()["items"]
    assert sorted(each["value"] for each in history) == list(range(12))
    assert [each["status"] for each in history].count("active") == 1


async def test_a_verified_value_says_who_verified_it_and_how(client: AsyncClient, customer: str) -> None:
    await put(client, customer, "name", "Ada")
    verified = (await client.post(f"{customer}/fields/name/verification", json={"method": "document"})).json()
    assert (verified["verified"], verified["verification_method"], verified["verified_by"]) == (True, "document", "a test")
    assert code(await client.post(f"{customer}/fields/other/verification", json={"method": "document"})) == (404, "not_found")
    assert code(await client.post(f"{customer}/fields/name/verification", json={})) == (422, "request_invalid")


async def test_values_reach_neither_logs_nor_metrics_nor_the_audit_trail(
    client: AsyncClient, customer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for body in ({"value": CANARY}, {"value": CANARY, "value_type": "number"}):
        await put(client, customer, "name", **body)
    metrics = (await client.get("http://factbook/metrics")).text
    events = (await client.get("/audit-events")).text
    out, err = capsys.readouterr()
    assert [place for place in (metrics, events, out, err) if CANARY in place] == []
