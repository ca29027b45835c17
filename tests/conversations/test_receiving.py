"""Conversations and messages come in: kept as they are, once each, and none of them creates or links a customer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response

from factbook.access import PrincipalKind, Scope, create_tenant
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from tests.calling import Caller
from tests.conversations.inbox import as_json, code, create_customer, items, link, receive

KEYS = {"id", "channel", "customer_identifier", "external_id", "status", "variables", "customer_id", "created_at", "updated_at"}


async def test_a_conversation_is_kept_as_it_came_in(client: AsyncClient) -> None:
    sent: dict[str, Any] = {
        "channel": "whatsapp",
        "customer_identifier": " +39 (333) 1234567 ",
        "external_id": "wa-1",
        "variables": {"lesson": {"hours": 2, "price": 59.0}, "big": 2**70, "nothing": None, "é": ["ß"]},
    }
    answer = await client.post("/conversations", json=sent)
    assert answer.status_code == 201
    kept = answer.json()
    assert kept.keys() == KEYS
    assert {key: kept[key] for key in sent} == sent
    assert (kept["status"], kept["customer_id"]) == ("open", None)
    assert kept["created_at"] == kept["updated_at"]
    assert (await client.get(f"/conversations/{kept['id']}")).content == answer.content


@pytest.mark.parametrize(
    "identifier", [None, "", "   ", "anonymous", "0000000", "US.13491208655302741918", "x" * 10_000, "\u202a+39 333", "' OR 1=1 --"]
)
async def test_whatever_calls_itself_a_sender_gets_a_conversation(client: AsyncClient, identifier: str | None) -> None:
    answer = await client.post("/conversations", json={"channel": "whatsapp", "customer_identifier": identifier})
    assert answer.status_code == 201
    assert answer.json()["customer_identifier"] == identifier
    assert answer.json()["customer_id"] is None


async def test_a_conversation_needs_no_identifier_at_all(client: AsyncClient) -> None:
    answer = await client.post("/conversations", json={"channel": "webchat"})
    assert answer.status_code == 201
    assert (answer.json()["customer_identifier"], answer.json()["external_id"], answer.json()["variables"]) == (None, None, {})


async def test_coming_in_creates_and_links_nobody(client: AsyncClient) -> None:
    known = await create_customer(client)
    conversation = await receive(client)
    await client.post(f"/conversations/{conversation}/messages", json={"direction": "inbound", "text": "Ciao", "sender_identity": "+39 333 1234567"})
    await receive(client, "+44 7700 900123")
    assert [customer["id"] for customer in await items(client, "/customers")] == [known]
    assert [each["customer_id"] for each in await items(client, "/conversations")] == [None, None]
    assert await items(client, "/audit-events") == []


async def test_the_same_external_id_gives_the_first_conversation(client: AsyncClient) -> None:
    first = await client.post("/conversations", json={"channel": "whatsapp", "external_id": "wa-1", "customer_identifier": "+39 333 1234567"})
    again = await client.post("/conversations", json={"channel": "whatsapp", "external_id": "wa-1", "customer_identifier": "another"})
    elsewhere = await client.post("/conversations", json={"channel": "sms", "external_id": "wa-1"})
    assert (first.status_code, again.status_code, elsewhere.status_code) == (201, 200, 201)
    assert again.content == first.content
    assert elsewhere.json()["id"] != first.json()["id"]


async def test_racing_deliveries_of_one_conversation_are_one(client: AsyncClient) -> None:
    sent = {"channel": "whatsapp", "external_id": "wa-1"}
    answers = await asyncio.gather(*(client.post("/conversations", json=sent) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_an_idempotency_key_makes_a_repeated_delivery_harmless(client: AsyncClient) -> None:
    key = {"Idempotency-Key": "delivery 1"}
    first = await client.post("/conversations", json={"channel": "webchat"}, headers=key)
    again = await client.post("/conversations", json={"channel": "webchat"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    said = {"direction": "inbound", "text": "Hello"}
    path = f"/conversations/{first.json()['id']}/messages"
    one, two = [await client.post(path, json=said, headers={"Idempotency-Key": "delivery 2"}) for _ in range(2)]
    assert (one.status_code, two.status_code) == (201, 200)
    assert one.content == two.content
    assert len(await items(client, path)) == 1
    assert len(await items(client, "/conversations")) == 1


async def test_an_idempotency_key_of_another_request_is_refused_and_nothing_is_stored(client: AsyncClient) -> None:
    key = {"Idempotency-Key": "delivery 1"}
    await client.post("/conversations", json={"channel": "webchat"}, headers=key)
    answer = await client.post("/conversations", json={"channel": "sms"}, headers=key)
    assert code(answer) == (409, "idempotency_key_reused")
    assert len(await items(client, "/conversations")) == 1


async def test_racing_requests_under_one_idempotency_key_store_one_conversation(client: AsyncClient) -> None:
    key = {"Idempotency-Key": "delivery 1"}
    answers = await asyncio.gather(*(client.post("/conversations", json={"channel": "webchat"}, headers=key) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await items(client, "/conversations")) == 1


async def test_messages_are_kept_as_they_came_in_and_read_in_their_order(client: AsyncClient) -> None:
    path = f"/conversations/{await receive(client)}/messages"
    sent: list[dict[str, Any]] = [
        {
            "direction": "inbound",
            "text": " Ciao <b>!</b>\n\u202e",
            "sender_identity": "+39 333",
            "external_id": "m1",
            "sent_at": "2026-01-05T10:00:00.123Z",
        },
        {"direction": "outbound", "text": "", "sender_identity": None, "external_id": None, "sent_at": None},
    ]
    answers = [await client.post(path, json=message) for message in sent]
    assert [answer.status_code for answer in answers] == [201, 201]
    kept = await items(client, path)
    assert kept == [answer.json() for answer in answers]
    assert [{key: message[key] for key in sent[0]} for message in kept] == sent


async def test_the_same_external_id_gives_the_first_message_of_the_conversation(client: AsyncClient) -> None:
    here, there = [f"/conversations/{await receive(client)}/messages" for _ in range(2)]
    first = await client.post(here, json={"direction": "inbound", "text": "one", "external_id": "m1"})
    again = await client.post(here, json={"direction": "outbound", "text": "two", "external_id": "m1"})
    elsewhere = await client.post(there, json={"direction": "inbound", "text": "three", "external_id": "m1"})
    assert (first.status_code, again.status_code, elsewhere.status_code) == (201, 200, 201)
    assert again.content == first.content


async def test_racing_deliveries_of_one_message_are_one(client: AsyncClient) -> None:
    path = f"/conversations/{await receive(client)}/messages"
    answers = await asyncio.gather(*(client.post(path, json={"direction": "inbound", "text": "x", "external_id": "m"}) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    assert len(await items(client, path)) == 1


async def deliveries(client: AsyncClient, once_received: Callable[[str], Awaitable[object]]) -> list[bytes]:
    """The answers to a morning's deliveries, ids and times taken out; `once_received` is told each conversation before its messages come in."""
    taken_out: list[bytes] = []
    for number, identifier in enumerate(["+39 333 1234567", "393331234567", None, "anonymous"]):
        sent = {"channel": "whatsapp", "customer_identifier": identifier, "external_id": f"wa-{number}", "variables": {"n": number}}
        answer = await client.post("/conversations", json=sent)
        taken_out.append(without_ids_and_times(answer))
        await once_received(answer.json()["id"])
        for text in ("Ciao", "Ciao", "a domani"):
            said = {"direction": "inbound", "text": text, "external_id": text, "sender_identity": identifier}
            taken_out.append(without_ids_and_times(await client.post(f"/conversations/{answer.json()['id']}/messages", json=said)))
    return taken_out


def without_ids_and_times(answer: Response) -> bytes:
    content = answer.content
    for key in ("id", "created_at", "updated_at"):
        content = content.replace(str(answer.json().get(key)).encode(), key.encode())
    return content


async def test_answers_to_deliveries_are_the_same_bytes_whether_or_not_anybody_links(app: FastAPI, database: Database, client: AsyncClient) -> None:
    async def nothing(_conversation: str) -> None:
        return None

    async def links(conversation: str) -> None:
        assert (await link(linking_client, conversation, customer, reason="asked")).status_code == 200

    elsewhere = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    linking_client = await elsewhere.client()
    customer = await create_customer(linking_client)
    golden = await deliveries(client, nothing)
    assert await deliveries(linking_client, links) == golden
    assert golden[0] == (
        b'{"id":"id","channel":"whatsapp","customer_identifier":"+39 333 1234567","external_id":"wa-0","status":"open","variables":{"n":0},'
        b'"customer_id":null,"created_at":"created_at","updated_at":"created_at"}'
    )
    await elsewhere.close()


async def test_after_a_link_the_same_delivery_differs_in_the_link_alone(client: AsyncClient) -> None:
    sent = {"channel": "whatsapp", "customer_identifier": "+39 333 1234567", "external_id": "wa-1"}
    before = (await client.post("/conversations", json=sent)).json()
    customer = await create_customer(client)
    await link(client, before["id"], customer)
    after = (await client.post("/conversations", json=sent)).json()
    assert {key for key in after if after[key] != before[key]} <= {"customer_id", "updated_at"}
    assert after["customer_id"] == customer


BAD_CONVERSATIONS: dict[str, tuple[Any, str]] = {
    "no channel": ({}, "channel"),
    "an unknown channel": ({"channel": "WhatsApp"}, "channel"),
    "an identifier that is no text": ({"channel": "sms", "customer_identifier": 39333}, "customer_identifier"),
    "a NUL in the identifier": ({"channel": "sms", "customer_identifier": "a\x00b"}, "customer_identifier"),
    "a lone surrogate in the identifier": ({"channel": "sms", "customer_identifier": "\ud800"}, "customer_identifier"),
    "an identifier without end": ({"channel": "sms", "customer_identifier": "1" * 10_001}, "customer_identifier"),
    "an empty external id": ({"channel": "sms", "external_id": ""}, "external_id"),
    "a NUL in the external id": ({"channel": "sms", "external_id": "\x00"}, "external_id"),
    "variables that are no object": ({"channel": "sms", "variables": [1]}, "variables"),
    "variables that are null": ({"channel": "sms", "variables": None}, "variables"),
    "a NUL in a variable": ({"channel": "sms", "variables": {"a": "\x00"}}, "variables"),
    "a NUL in a variable's name": ({"channel": "sms", "variables": {"\x00": 1}}, "variables"),
    "a customer": ({"channel": "sms", "customer_id": "0192f7c2-a4b8-7d3e-9f10-2b6a5c4d3e2f"}, "customer_id"),
    "a status": ({"channel": "sms", "status": "closed"}, "status"),
    "no object": ([], "body"),
}


@pytest.mark.parametrize(("body", "field"), BAD_CONVERSATIONS.values(), ids=BAD_CONVERSATIONS.keys())
async def test_a_conversation_of_the_wrong_shape_is_refused_by_field_and_nothing_is_stored(client: AsyncClient, body: Any, field: str) -> None:
    answer = await client.post("/conversations", **as_json(body))
    assert code(answer) == (422, "request_invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await items(client, "/conversations") == []


BAD_MESSAGES: dict[str, tuple[Any, str]] = {
    "no direction": ({"text": "x"}, "direction"),
    "an unknown direction": ({"direction": "sideways", "text": "x"}, "direction"),
    "no text": ({"direction": "inbound"}, "text"),
    "a text that is none": ({"direction": "inbound", "text": 1}, "text"),
    "a NUL in the text": ({"direction": "inbound", "text": "\x00"}, "text"),
    "a lone surrogate in the text": ({"direction": "inbound", "text": "\udfff"}, "text"),
    "a text without end": ({"direction": "inbound", "text": "x" * 100_001}, "text"),
    "a time without a zone": ({"direction": "inbound", "text": "x", "sent_at": "2026-01-01T00:00:00"}, "sent_at"),
    "a time that is a number": ({"direction": "inbound", "text": "x", "sent_at": 0}, "sent_at"),
    "a field that there is not": ({"direction": "inbound", "text": "x", "customer_id": None}, "customer_id"),
}


@pytest.mark.parametrize(("body", "field"), BAD_MESSAGES.values(), ids=BAD_MESSAGES.keys())
async def test_a_message_of_the_wrong_shape_is_refused_by_field_and_nothing_is_stored(client: AsyncClient, body: Any, field: str) -> None:
    path = f"/conversations/{await receive(client)}/messages"
    answer = await client.post(path, **as_json(body))
    assert code(answer) == (422, "request_invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await items(client, path) == []


async def test_a_service_needs_a_scope_to_bring_something_in(caller: Caller, client: AsyncClient) -> None:
    conversation = await receive(client)
    reader = await caller.client(PrincipalKind.SERVICE, frozenset({Scope.TRUTH_WRITE}))
    for path, body in (("/conversations", {"channel": "sms"}), (f"/conversations/{conversation}/messages", {"direction": "inbound", "text": "x"})):
        assert code(await reader.post(path, json=body)) == (403, "scope_required")
    for scope in (Scope.CONVERSATIONS_WRITE, Scope.CUSTOMERS_WRITE):
        inbox = await caller.client(PrincipalKind.SERVICE, frozenset({scope}))
        assert (await inbox.post("/conversations", json={"channel": "sms"})).status_code == 201
    human = await caller.client(PrincipalKind.HUMAN, frozenset())
    assert (await human.post("/conversations", json={"channel": "sms"})).status_code == 201
