"""Linking, relinking and unlinking over HTTP: the table of states row by row, who may, and what is kept of it."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.access import PrincipalKind, Scope, create_tenant
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from tests.calling import Caller
from tests.conversations.inbox import as_json, code, create_customer, items, link, linked, receive, unlink

EVENT_KEYS = {
    *("id", "sequence", "event_name", "conversation_id", "actor_type", "actor_id", "timestamp"),
    *("previous_customer_id", "new_customer_id", "reason", "context", "sha256"),
}
LINK_KEYS = {"id", "previous_customer_id", "new_customer_id", "actor_type", "actor_id", "reason", "created_at"}


@pytest.fixture
async def x(client: AsyncClient) -> str:
    """A customer."""
    return await create_customer(client, "+39 333 1111111")


@pytest.fixture
async def y(client: AsyncClient) -> str:
    """Another customer."""
    return await create_customer(client, "ada@example.com", "email")


@pytest.fixture
async def conversation(client: AsyncClient) -> str:
    """A conversation that nobody has linked."""
    return await receive(client, "+39 333 9999999")


async def events(client: AsyncClient, conversation: str) -> list[tuple[str, str | None, str | None]]:
    """Name, previous and new customer of each audit event of the conversation, oldest first."""
    found = await items(client, "/audit-events", conversation_id=conversation)
    return [(event["event_name"].removeprefix("conversation.customer_"), event["previous_customer_id"], event["new_customer_id"]) for event in found]


async def changes(client: AsyncClient, conversation: str) -> list[tuple[str | None, str | None]]:
    """Previous and new customer of each change of the link, oldest first."""
    return [(change["previous_customer_id"], change["new_customer_id"]) for change in await items(client, f"/conversations/{conversation}/links")]


@pytest.mark.parametrize("flag", [{}, {"overwrite": False}, {"overwrite": True}])
async def test_an_unlinked_conversation_is_linked_whatever_the_flag(client: AsyncClient, conversation: str, x: str, flag: dict[str, bool]) -> None:
    answer = await link(client, conversation, x, **flag)
    assert (answer.status_code, answer.json()["customer_id"]) == (200, x)
    assert answer.json() == (await client.get(f"/conversations/{conversation}")).json()
    assert await changes(client, conversation) == [(None, x)]
    assert await events(client, conversation) == [("linked", None, x)]


@pytest.mark.parametrize("flag", [{}, {"overwrite": True}])
async def test_linking_to_the_same_customer_again_writes_nothing(client: AsyncClient, conversation: str, x: str, flag: dict[str, bool]) -> None:
    first = await link(client, conversation, x)
    again = await link(client, conversation, x, **flag)
    assert (again.status_code, again.content) == (200, first.content)
    assert await changes(client, conversation) == [(None, x)]
    assert await events(client, conversation) == [("linked", None, x)]


@pytest.mark.parametrize("flag", [{}, {"overwrite": False}])
async def test_another_customer_is_not_replaced_unasked(client: AsyncClient, conversation: str, x: str, y: str, flag: dict[str, bool]) -> None:
    await link(client, conversation, y)
    assert code(await link(client, conversation, x, **flag)) == (409, "conversation_already_linked")
    assert await linked(client, conversation) == y
    assert await events(client, conversation) == [("linked", None, y)]


async def test_another_customer_is_replaced_when_it_is_asked_for(client: AsyncClient, conversation: str, x: str, y: str) -> None:
    await link(client, conversation, y)
    assert (await link(client, conversation, x, overwrite=True)).json()["customer_id"] == x
    assert await changes(client, conversation) == [(None, y), (y, x)]
    assert await events(client, conversation) == [("linked", None, y), ("relinked", y, x)]


async def test_a_link_is_taken_away(client: AsyncClient, conversation: str, x: str) -> None:
    await link(client, conversation, x)
    answer = await unlink(client, conversation)
    assert (answer.status_code, answer.content) == (204, b"")
    assert await linked(client, conversation) is None
    assert await changes(client, conversation) == [(None, x), (x, None)]
    assert await events(client, conversation) == [("linked", None, x), ("unlinked", x, None)]


async def test_taking_away_a_link_that_is_not_there_writes_nothing(client: AsyncClient, conversation: str) -> None:
    before = await client.get(f"/conversations/{conversation}")
    assert (await unlink(client, conversation)).status_code == 204
    assert (await client.get(f"/conversations/{conversation}")).content == before.content
    assert await changes(client, conversation) == []
    assert await events(client, conversation) == []


async def test_a_link_after_an_unlink_is_a_first_link_again(client: AsyncClient, conversation: str, x: str) -> None:
    await link(client, conversation, x)
    await unlink(client, conversation)
    await link(client, conversation, x)
    assert [name for name, *_ in await events(client, conversation)] == ["linked", "unlinked", "linked"]


@pytest.mark.parametrize("flag", [{}, {"overwrite": True}])
async def test_a_customer_who_is_not_the_tenants_is_refused_like_one_who_does_not_exist(
    app: FastAPI, database: Database, client: AsyncClient, conversation: str, x: str, flag: dict[str, bool]
) -> None:
    elsewhere = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    foreign = await create_customer(await elsewhere.client())
    await link(client, conversation, x)
    answers = [await link(client, conversation, wanted, **flag) for wanted in (foreign, str(new_id()))]
    assert [code(answer) for answer in answers] == [(404, "not_found")] * 2
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert await linked(client, conversation) == x
    assert await events(client, conversation) == [("linked", None, x)]
    await elsewhere.close()


async def test_a_human_of_one_tenant_reaches_neither_conversations_nor_customers_of_another(
    app: FastAPI, database: Database, client: AsyncClient, conversation: str, x: str
) -> None:
    elsewhere = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    stranger = await elsewhere.client()
    own = await create_customer(stranger)
    for wanted in (own, x):
        assert code(await link(stranger, conversation, wanted, overwrite=True)) == (404, "not_found")
    assert code(await unlink(stranger, conversation)) == (404, "not_found")
    assert await linked(client, conversation) is None
    await elsewhere.close()


async def test_no_service_links_or_unlinks_whatever_its_scopes(caller: Caller, client: AsyncClient, conversation: str, x: str) -> None:
    service = await caller.client(PrincipalKind.SERVICE, frozenset(Scope))
    assert code(await link(service, conversation, x)) == (403, "human_required")
    await link(client, conversation, x)
    assert code(await unlink(service, conversation)) == (403, "human_required")
    assert await linked(client, conversation) == x
    assert await changes(client, conversation) == [(None, x)]


async def test_nobody_links_without_a_key(caller: Caller, client: AsyncClient, conversation: str, x: str) -> None:
    assert code(await link(caller.with_key(None), conversation, x)) == (401, "unauthenticated")
    assert await linked(client, conversation) is None


@pytest.mark.parametrize("overwrite", ["true", "false", 1, 0, None, [True], {}])
async def test_the_flag_is_a_boolean_and_nothing_that_looks_like_one(client: AsyncClient, conversation: str, x: str, overwrite: Any) -> None:
    answer = await link(client, conversation, x, overwrite=overwrite)
    assert code(answer) == (422, "request_invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["overwrite"]
    assert await linked(client, conversation) is None


BAD_LINKS: dict[str, tuple[Any, str]] = {
    "no customer": ({}, "customer_id"),
    "no customer's id": ({"customer_id": "Ada"}, "customer_id"),
    "null": ({"customer_id": None}, "customer_id"),
    "an empty reason": ({"customer_id": str(new_id()), "reason": ""}, "reason"),
    "a reason without end": ({"customer_id": str(new_id()), "reason": "x" * 1001}, "reason"),
    "a NUL in the reason": ({"customer_id": str(new_id()), "reason": "\x00"}, "reason"),
    "a lone surrogate in the reason": ({"customer_id": str(new_id()), "reason": "\ud800"}, "reason"),
    "an actor": ({"customer_id": str(new_id()), "actor_id": str(new_id())}, "actor_id"),
}


@pytest.mark.parametrize(("body", "field"), BAD_LINKS.values(), ids=BAD_LINKS.keys())
async def test_a_link_of_the_wrong_shape_is_refused_by_field(client: AsyncClient, conversation: str, body: Any, field: str) -> None:
    answer = await client.put(f"/conversations/{conversation}/customer", **as_json(body))
    assert code(answer) == (422, "request_invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_every_change_says_who_when_why_and_from_whom_to_whom(caller: Caller, client: AsyncClient, conversation: str, x: str, y: str) -> None:
    await link(client, conversation, x, reason="asked her <b>on the phone</b> \u202e")
    await link(client, conversation, y, overwrite=True)
    await unlink(client, conversation, reason="wrong Ada")
    kept = await items(client, f"/conversations/{conversation}/links")
    assert [change.keys() for change in kept] == [LINK_KEYS] * 3
    assert [change["reason"] for change in kept] == ["asked her <b>on the phone</b> \u202e", None, "wrong Ada"]
    assert [(change["previous_customer_id"], change["new_customer_id"]) for change in kept] == [(None, x), (x, y), (y, None)]
    assert {change["actor_type"] for change in kept} == {"human"}
    assert len({change["actor_id"] for change in kept}) == 1


async def test_every_change_has_one_event_that_says_the_same(client: AsyncClient, conversation: str, x: str, y: str) -> None:
    await link(client, conversation, x, reason="asked")
    await link(client, conversation, y, overwrite=True)
    await unlink(client, conversation)
    kept = await items(client, f"/conversations/{conversation}/links")
    found = await items(client, "/audit-events", conversation_id=conversation)
    assert [event.keys() for event in found] == [EVENT_KEYS] * 3
    assert [{key: event[key] for key in LINK_KEYS - {"created_at"}} | {"created_at": event["timestamp"]} for event in found] == kept
    assert [event["sequence"] for event in found] == [1, 2, 3]
    assert [event["context"] for event in found] == [{}] * 3
    verdict = (await client.get("/audit-events/verification")).json()
    assert verdict == {"intact": True, "events": 3, "head_sha256": found[-1]["sha256"], "first_broken": None}


async def test_a_link_may_join_another_channel_and_another_number(client: AsyncClient, y: str) -> None:
    conversation = await receive(client, "+39 333 9999999", "sms")
    assert (await link(client, conversation, y)).json()["customer_id"] == y


async def test_many_conversations_may_be_linked_to_one_customer(client: AsyncClient, x: str) -> None:
    conversations = [await receive(client) for _ in range(3)]
    for conversation in conversations:
        await link(client, conversation, x)
    assert [await linked(client, conversation) for conversation in conversations] == [x] * 3


async def test_of_racing_links_to_different_customers_one_is_made_and_the_others_are_told(client: AsyncClient, conversation: str) -> None:
    customers = [await create_customer(client, f"+39 333 12345{number:02}") for number in range(10)]
    answers = await asyncio.gather(*(link(client, conversation, customer) for customer in customers))
    winners = [customer for customer, answer in zip(customers, answers, strict=True) if answer.status_code == 200]
    refused = [code(answer) for answer in answers if answer.status_code != 200]
    assert len(winners) == 1
    assert set(refused) <= {(409, "link_changed_meanwhile"), (409, "conversation_already_linked")}
    assert await linked(client, conversation) == winners[0]
    assert await events(client, conversation) == [("linked", None, winners[0])]


async def test_racing_links_to_one_customer_all_succeed_and_one_is_written(client: AsyncClient, conversation: str, x: str) -> None:
    answers = await asyncio.gather(*(link(client, conversation, x) for _ in range(10)))
    assert [answer.status_code for answer in answers] == [200] * 10
    assert await changes(client, conversation) == [(None, x)]
    assert await events(client, conversation) == [("linked", None, x)]


async def test_racing_relinks_never_lose_a_change_nor_record_one_that_was_not_made(client: AsyncClient, conversation: str) -> None:
    customers = [await create_customer(client, f"+39 333 12345{number:02}") for number in range(8)]
    answers = await asyncio.gather(*(link(client, conversation, customer, overwrite=True) for customer in customers * 3))
    kept = await changes(client, conversation)
    assert [previous for previous, _ in kept] == [None, *(new for _, new in kept[:-1])]
    assert kept[-1][1] == await linked(client, conversation)
    assert [(previous, new) for _, previous, new in await events(client, conversation)] == kept
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert {code(answer) for answer in answers if answer.status_code == 409} <= {(409, "link_changed_meanwhile")}
