"""Identities that humans attach to customers: one holder at a time, never moved in silence, detached again."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response

from factbook.access import PrincipalKind, Scope, create_tenant
from factbook.database.pools import Database
from factbook.identity import create_customers
from factbook.kernel.ids import new_id
from tests.calling import Caller
from tests.conversations.inbox import code, create_customer, items, receive

NEW_NUMBER = {"channel": "sms", "identifier": "+44 7700 900123"}


@pytest.fixture
async def ada(client: AsyncClient) -> str:
    """A customer."""
    return await create_customer(client, "ada@example.com", "email")


@pytest.fixture
async def ben(client: AsyncClient) -> str:
    """Another customer."""
    return await create_customer(client, "ben@example.com", "email")


async def attach(client: AsyncClient, customer: str, **identity: Any) -> Response:
    return await client.post(f"/customers/{customer}/channel-identities", json=NEW_NUMBER | identity)


async def found(client: AsyncClient) -> list[str]:
    """Whom the new number finds, however it is typed."""
    return [customer["id"] for customer in await items(client, "/customers", channel="sms", identifier="(44) 7700-900.123")]


async def test_an_attached_identity_stands_for_its_customer(client: AsyncClient, ada: str) -> None:
    answer = await attach(client, ada, reason="she called")
    assert answer.status_code == 201
    assert answer.json().keys() == {"id", "channel", "normalized_identifier", "created_at", "created_by"}
    assert (answer.json()["channel"], answer.json()["normalized_identifier"]) == ("sms", "447700900123")
    assert await items(client, f"/customers/{ada}/channel-identities") == [answer.json()]
    assert await found(client) == [ada]


async def test_attaching_it_again_changes_nothing(client: AsyncClient, ada: str) -> None:
    first, again = await attach(client, ada), await attach(client, ada, identifier="447700900123", reason="once more")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content


async def test_a_contested_identity_is_refused_naming_who_has_it(client: AsyncClient, ada: str, ben: str) -> None:
    await attach(client, ada)
    answer = await attach(client, ben)
    assert code(answer) == (409, "identity_taken")
    assert answer.json()["errors"] == [{"field": "identifier", "message": f"attached to the customer {ada}"}]
    assert await found(client) == [ada]


@pytest.mark.parametrize("asking", ["ada", "ben"])
async def test_a_founding_key_is_taken_for_its_own_customer_too(client: AsyncClient, ada: str, ben: str, asking: str) -> None:
    answer = await attach(client, {"ada": ada, "ben": ben}[asking], channel="email", identifier="Ada@Example.com")
    assert code(answer) == (409, "identity_taken")
    assert answer.json()["errors"] == [{"field": "identifier", "message": f"the founding key of the customer {ada}"}]


async def test_an_attached_identity_founds_no_second_customer(client: AsyncClient, ada: str) -> None:
    await attach(client, ada)
    answer = await client.post("/customers", json=NEW_NUMBER)
    assert code(answer) == (409, "identity_taken")
    assert answer.json()["errors"] == [{"field": "identifier", "message": f"attached to the customer {ada}"}]
    assert [customer["id"] for customer in await items(client, "/customers")] == [ada]


async def test_importers_take_an_attached_identity_for_the_customer_it_stands_for(
    database: Database, client: AsyncClient, caller: Caller, ada: str
) -> None:
    await attach(client, ada, channel="api", identifier="Value 1")
    made = await create_customers(database, caller.tenant_id, "api", ["Value 1", "Value 2"])
    assert str(made["Value 1"].id) == ada
    assert made["Value 2"].normalized_identifier == "Value 2"


async def test_a_detached_identity_stands_for_nobody_and_can_be_attached_elsewhere(client: AsyncClient, ada: str, ben: str) -> None:
    identity = (await attach(client, ada)).json()["id"]
    answer = await client.delete(f"/customers/{ada}/channel-identities/{identity}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert await found(client) == []
    assert await items(client, f"/customers/{ada}/channel-identities") == []
    assert (await attach(client, ben)).status_code == 201
    assert await found(client) == [ben]


async def test_a_detached_identity_can_found_a_customer(client: AsyncClient, ada: str) -> None:
    identity = (await attach(client, ada)).json()["id"]
    await client.delete(f"/customers/{ada}/channel-identities/{identity}")
    assert (await client.post("/customers", json=NEW_NUMBER)).status_code == 201
    assert code(await attach(client, ada)) == (409, "identity_taken")


async def test_what_was_attached_stays_on_record_when_it_is_detached(database: Database, client: AsyncClient, caller: Caller, ada: str) -> None:
    identity = (await attach(client, ada, reason="she called")).json()
    await client.delete(f"/customers/{ada}/channel-identities/{identity['id']}")
    async with database.reading(caller.tenant_id) as connection:
        (row,) = await connection.fetch("SELECT * FROM channel_identities")
    assert (str(row["customer_id"]), row["reason"], str(row["created_by"])) == (ada, "she called", identity["created_by"])
    assert row["detached_by"] == row["created_by"]
    assert row["detached_at"] >= row["created_at"]


async def test_no_service_attaches_or_detaches_whatever_its_scopes(caller: Caller, client: AsyncClient, ada: str) -> None:
    service = await caller.client(PrincipalKind.SERVICE, frozenset(Scope))
    assert code(await attach(service, ada)) == (403, "human_required")
    identity = (await attach(client, ada)).json()["id"]
    assert code(await service.delete(f"/customers/{ada}/channel-identities/{identity}")) == (403, "human_required")
    assert await found(client) == [ada]


async def test_unknown_foreign_and_malformed_ids_give_a_404(app: FastAPI, database: Database, client: AsyncClient, ada: str, ben: str) -> None:
    elsewhere = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    stranger = await elsewhere.client()
    identity = (await attach(client, ada)).json()["id"]
    for customer in (str(new_id()), "17"):
        assert code(await attach(client, customer, identifier="+44 7700 900124")) == (404, "not_found")
        assert code(await client.get(f"/customers/{customer}/channel-identities")) == (404, "not_found")
    assert code(await attach(stranger, ada)) == (404, "not_found")
    wrong = [(client, ada, str(new_id())), (client, ada, "17"), (client, ben, identity), (stranger, ada, identity)]
    for who, customer, wanted in wrong:
        assert code(await who.delete(f"/customers/{customer}/channel-identities/{wanted}")) == (404, "not_found")
    assert await found(client) == [ada]
    await elsewhere.close()


async def test_detaching_twice_is_a_404_the_second_time(client: AsyncClient, ada: str) -> None:
    path = f"/customers/{ada}/channel-identities/{(await attach(client, ada)).json()['id']}"
    assert [(await client.delete(path)).status_code for _ in range(2)] == [204, 404]


@pytest.mark.parametrize(
    ("identity", "problem", "field"),
    [
        ({"identifier": "anonymous"}, "identifier_invalid", "identifier"),
        ({"channel": "fax"}, "identifier_invalid", "identifier"),
        ({"identifier": 1}, "request_invalid", "identifier"),
        ({"channel": None}, "request_invalid", "channel"),
        ({"reason": "\x00"}, "request_invalid", "reason"),
        ({"created_by": "me"}, "request_invalid", "created_by"),
    ],
)
async def test_an_identity_of_the_wrong_shape_is_refused_by_field(
    client: AsyncClient, ada: str, identity: dict[str, Any], problem: str, field: str
) -> None:
    answer = await attach(client, ada, **identity)
    assert code(answer) == (422, problem)
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await items(client, f"/customers/{ada}/channel-identities") == []


async def test_an_attached_identity_of_another_tenant_is_no_obstacle(app: FastAPI, database: Database, client: AsyncClient, ada: str) -> None:
    elsewhere = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    stranger = await elsewhere.client()
    theirs = await create_customer(stranger, "eve@example.com", "email")
    assert (await attach(stranger, theirs)).status_code == 201
    assert (await attach(client, ada)).status_code == 201
    assert (await found(client), await found(stranger)) == ([ada], [theirs])
    await elsewhere.close()


async def test_racing_attachments_give_the_identity_to_one_customer(client: AsyncClient) -> None:
    customers = [await create_customer(client, f"{number}@example.com", "email") for number in range(8)]
    answers = await asyncio.gather(*(attach(client, customer) for customer in customers))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    winner = customers[[answer.status_code for answer in answers].index(201)]
    assert await found(client) == [winner]


async def test_racing_creations_and_attachments_never_both_get_a_key(client: AsyncClient, ada: str) -> None:
    for number in range(12):
        key = {"channel": "api", "identifier": f"key {number}"}
        created, attached = await asyncio.gather(client.post("/customers", json=key), attach(client, ada, **key))
        assert sorted([created.status_code, attached.status_code]) == [201, 409]
        assert len(await items(client, "/customers", **key)) == 1


async def test_an_attached_identity_resolves_a_conversation(client: AsyncClient, ada: str) -> None:
    conversation = await receive(client, "+44 7700 900123", "sms")
    path = f"/conversations/{conversation}/resolution"
    assert (await client.get(path)).json() == {"kind": "unresolved", "customer_id": None, "reason": "no_customer"}
    await attach(client, ada)
    assert (await client.get(path)).json() == {"kind": "matched", "customer_id": ada, "reason": "one_customer"}
