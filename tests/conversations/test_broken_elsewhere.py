"""What inboxes in public got wrong about who somebody is, each tried here: it must not happen."""

from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.access import PrincipalKind, Scope, create_tenant
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.identity import Channel
from factbook.kernel.ids import new_id
from tests.calling import Caller
from tests.conversations.inbox import code, create_customer, items, link, linked, receive, show_badges, unlink

UNREADABLE = ["anon", "Ada Lovelace", "+39 333 1234567 ext 5", "US.13491208655302741918", "120363000000000000@g.us", "0000000", "null", ""]


async def test_a_webhook_creates_no_customer_and_links_none(caller: Caller, client: AsyncClient) -> None:
    webhook = await caller.client(PrincipalKind.SERVICE, frozenset(Scope))
    known = await create_customer(client)
    conversation = await receive(webhook, "+39 333 1234567", external_id="wa-1")
    await webhook.post(f"/conversations/{conversation}/messages", json={"direction": "inbound", "text": "hi", "sender_identity": "+39 333 1234567"})
    await receive(webhook, "+39 333 7654321")
    assert [customer["id"] for customer in await items(client, "/customers")] == [known]
    assert {each["customer_id"] for each in await items(client, "/conversations")} == {None}


async def test_senders_who_cannot_be_read_never_become_one_customer(client: AsyncClient) -> None:
    for identifier in UNREADABLE:
        answer = await client.post("/customers", json={"channel": "whatsapp", "identifier": identifier})
        assert code(answer) == (422, "identifier_invalid")
    received = [await receive(client, identifier) for identifier in UNREADABLE]
    assert len(set(received)) == len(UNREADABLE)
    assert await items(client, "/customers") == []
    resolutions = [(await client.get(f"/conversations/{conversation}/resolution")).json() for conversation in received]
    assert {resolution["kind"] for resolution in resolutions} == {"skipped"}
    assert {resolution["customer_id"] for resolution in resolutions} == {None}


async def test_a_customer_is_found_by_whatever_way_their_number_is_typed(client: AsyncClient) -> None:
    customer = await create_customer(client, "+39 333 1234567")
    for typed in ("393331234567", "(39) 333.1234567", "+39-333-1234567", "39\u00a0333 1234567"):
        assert [found["id"] for found in await items(client, "/customers", channel="whatsapp", identifier=typed)] == [customer]


async def test_a_link_is_neither_made_across_owners_nor_without_a_way_back(app: FastAPI, database: Database, client: AsyncClient) -> None:
    elsewhere = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    foreign = await create_customer(await elsewhere.client())
    own, conversation = await create_customer(client), await receive(client)
    assert code(await link(client, conversation, foreign, overwrite=True)) == (404, "not_found")
    await link(client, conversation, own)
    await unlink(client, conversation)
    assert await linked(client, conversation) is None
    await elsewhere.close()


async def test_not_even_the_role_that_writes_can_link_to_a_customer_of_another_tenant(
    urls: DatabaseUrls, app: FastAPI, database: Database, client: AsyncClient, caller: Caller
) -> None:
    elsewhere = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    foreign, conversation = await create_customer(await elsewhere.client()), await receive(client)
    with psycopg.connect(urls.writer) as writer:
        writer.execute("SELECT set_config('factbook.tenant', %s, true)", (str(caller.tenant_id),))
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            writer.execute("UPDATE conversations SET customer_id = %s WHERE id = %s", (foreign, conversation))
    await elsewhere.close()


async def test_not_even_the_role_that_writes_can_record_a_change_of_a_link_without_a_human(
    urls: DatabaseUrls, client: AsyncClient, caller: Caller
) -> None:
    customer, conversation = await create_customer(client), await receive(client)
    await caller.client(PrincipalKind.SERVICE)
    record = """
        INSERT INTO conversation_links (tenant_id, conversation_id, position, id, new_customer_id, actor_type, actor_id, created_at)
        SELECT tenant_id, %s, 1, gen_random_uuid(), %s, %s, id, now() FROM principals WHERE kind = 'service'
    """
    for kind, refusal in (("human", psycopg.errors.ForeignKeyViolation), ("service", psycopg.errors.CheckViolation)):
        with psycopg.connect(urls.writer) as writer:
            writer.execute("SELECT set_config('factbook.tenant', %s, true)", (str(caller.tenant_id),))
            with pytest.raises(refusal):
                writer.execute(record, (conversation, customer, kind))


async def test_somebody_with_history_who_is_not_linked_is_not_called_known(client: AsyncClient) -> None:
    await show_badges(client)
    customer = await create_customer(client)
    first, second = await receive(client), await receive(client)
    await link(client, first, customer)
    badges = {each["id"]: each["badge"]["label"] for each in await items(client, "/conversations")}
    assert badges == {first: "Known customer", second: "New customer"}


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP])
async def test_one_number_on_two_channels_is_two_customers(client: AsyncClient, channel: Channel) -> None:
    other = {Channel.SMS: Channel.WHATSAPP, Channel.WHATSAPP: Channel.SMS}[channel]
    here, there = await create_customer(client, channel=channel), await create_customer(client, channel=other)
    assert here != there
    conversation = await receive(client, channel=channel)
    assert (await client.get(f"/conversations/{conversation}/resolution")).json()["customer_id"] == here


async def test_removing_a_customer_cannot_take_links_away_in_silence(urls: DatabaseUrls, client: AsyncClient, caller: Caller) -> None:
    customer, conversation = await create_customer(client), await receive(client)
    await link(client, conversation, customer)
    with psycopg.connect(urls.owner) as owner:
        owner.execute("SELECT set_config('factbook.tenant', %s, true)", (str(caller.tenant_id),))
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            owner.execute("DELETE FROM customers WHERE id = %s", (customer,))
    assert await linked(client, conversation) == customer


async def test_a_malformed_id_never_begins_a_new_conversation(client: AsyncClient) -> None:
    said: dict[str, Any] = {"direction": "inbound", "text": "hi"}
    for wanted in ("17", "undefined", str(new_id())):
        assert code(await client.post(f"/conversations/{wanted}/messages", json=said)) == (404, "not_found")
    assert await items(client, "/conversations") == []


async def test_linking_to_the_customer_already_linked_destroys_nothing(client: AsyncClient) -> None:
    customer, conversation = await create_customer(client), await receive(client)
    await client.post(f"/conversations/{conversation}/messages", json={"direction": "inbound", "text": "hi"})
    answers = [(await link(client, conversation, customer, overwrite=True)).content for _ in range(3)]
    assert len(set(answers)) == 1
    assert len(await items(client, f"/conversations/{conversation}/links")) == 1
    assert len(await items(client, f"/conversations/{conversation}/messages")) == 1


async def test_a_link_rewrites_no_history(urls: DatabaseUrls, client: AsyncClient) -> None:
    x, y = await create_customer(client), await create_customer(client, "ada@example.com", "email")
    conversation = await receive(client)
    await client.post(f"/conversations/{conversation}/messages", json={"direction": "inbound", "text": "hi"})
    messages = (await client.get(f"/conversations/{conversation}/messages")).content
    kept: list[bytes] = []
    for customer in (x, y, x):
        await link(client, conversation, customer, overwrite=True)
        links = (await client.get(f"/conversations/{conversation}/links")).content
        assert all(links.startswith(earlier.partition(b"]")[0]) for earlier in kept)
        kept.append(links)
    assert (await client.get(f"/conversations/{conversation}/messages")).content == messages
