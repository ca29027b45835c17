"""Conversations are listed and read; unknown, foreign and malformed ids read alike."""

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.access import create_tenant
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from tests.calling import Caller
from tests.conversations.inbox import code, create_customer, items, link, receive

READS = ("", "/messages", "/links", "/resolution")


async def walk(client: AsyncClient, path: str, limit: int) -> list[str]:
    """The ids of all items, `limit` to a page."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = (await client.get(path, params={"limit": limit} | ({"cursor": cursor} if cursor else {}))).json()
        found += [item["id"] for item in page["items"]]
        assert len(page["items"]) <= limit
        cursor = page["next_cursor"]
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
async def test_a_walk_by_pages_of_any_length_shows_every_conversation_once_newest_first(client: AsyncClient, limit: int) -> None:
    received = [await receive(client) for _ in range(7)]
    assert await walk(client, "/conversations", limit) == received[::-1]


@pytest.mark.parametrize("limit", [1, 2, 5])
async def test_a_walk_by_pages_shows_every_message_once_oldest_first(client: AsyncClient, limit: int) -> None:
    path = f"/conversations/{await receive(client)}/messages"
    said = [(await client.post(path, json={"direction": "inbound", "text": str(number)})).json()["id"] for number in range(5)]
    assert await walk(client, path, limit) == said


@pytest.mark.parametrize("limit", [1, 2, 5])
async def test_a_walk_by_pages_shows_every_change_of_a_link_once_oldest_first(client: AsyncClient, limit: int) -> None:
    conversation = await receive(client)
    customers = [await create_customer(client, f"+39 333 123456{number}") for number in range(5)]
    for customer in customers:
        await link(client, conversation, customer, overwrite=True)
    changes = await items(client, f"/conversations/{conversation}/links")
    assert [change["new_customer_id"] for change in changes] == customers
    assert await walk(client, f"/conversations/{conversation}/links", limit) == [change["id"] for change in changes]


async def test_the_list_is_narrowed_by_channel_and_status(client: AsyncClient) -> None:
    by_mail, by_phone = await receive(client, "ada@example.com", "email"), await receive(client)
    assert [each["id"] for each in await items(client, "/conversations", channel="email")] == [by_mail]
    assert [each["id"] for each in await items(client, "/conversations", channel="whatsapp", status="open")] == [by_phone]
    assert await items(client, "/conversations", status="closed") == []


@pytest.mark.parametrize(
    ("name", "value"), [("badge", "trusted"), ("channel", "carrier pigeon"), ("status", "asleep"), ("limit", "0"), ("limit", "201"), ("cursor", "x")]
)
async def test_a_parameter_that_cannot_be_is_refused_by_name(client: AsyncClient, name: str, value: str) -> None:
    answer = await client.get("/conversations", params={name: value})
    assert code(answer) == (422, "request_invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [name]


@pytest.mark.parametrize("path", ["/messages", "/links"])
async def test_a_cursor_of_another_list_is_refused(client: AsyncClient, path: str) -> None:
    for _ in range(2):
        conversation = await receive(client)
    cursor = (await client.get("/conversations", params={"limit": 1})).json()["next_cursor"]
    assert code(await client.get(f"/conversations/{conversation}{path}", params={"cursor": cursor})) == (422, "request_invalid")


async def test_unknown_foreign_and_malformed_ids_give_the_same_404(app: FastAPI, database: Database, client: AsyncClient) -> None:
    elsewhere = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    foreign = await receive(await elsewhere.client())
    customer = await create_customer(client)
    for read in READS:
        answers = [await client.get(f"/conversations/{wanted}{read}") for wanted in (foreign, new_id(), "17", "%00", foreign + "0")]
        assert {answer.status_code for answer in answers} == {404}, read
        assert len({answer.json()["detail"] for answer in answers}) == 1, read
    for wanted in (foreign, str(new_id()), "17"):
        assert code(await link(client, wanted, customer)) == (404, "not_found")
        assert code(await client.delete(f"/conversations/{wanted}/customer")) == (404, "not_found")
        assert code(await client.post(f"/conversations/{wanted}/messages", json={"direction": "inbound", "text": "x"})) == (404, "not_found")
    await elsewhere.close()


async def test_a_tenant_lists_its_own_conversations_alone(app: FastAPI, database: Database, client: AsyncClient) -> None:
    elsewhere = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    await receive(await elsewhere.client())
    own = await receive(client)
    assert [each["id"] for each in await items(client, "/conversations")] == [own]
    await elsewhere.close()
