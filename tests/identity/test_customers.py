"""Customers over HTTP: made by an explicit call, one per identifier, whoever calls and however often."""

import asyncio

from httpx2 import AsyncClient

from factbook.access import PrincipalKind, Scope
from tests.calling import Caller
from tests.conversations.inbox import code, items

ADA = {"channel": "email", "identifier": "Ada@Example.com"}


async def test_racing_callers_get_one_row_and_one_id(client: AsyncClient) -> None:
    answers = await asyncio.gather(*(client.post("/customers", json=ADA) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await items(client, "/customers")) == 1


async def test_a_service_needs_the_scope_and_a_human_none(caller: Caller) -> None:
    for scopes in (frozenset[Scope](), frozenset({Scope.CONVERSATIONS_WRITE})):
        service = await caller.client(PrincipalKind.SERVICE, scopes)
        assert code(await service.post("/customers", json=ADA)) == (403, "scope_required")
    human = await caller.client(PrincipalKind.HUMAN, frozenset())
    assert (await human.post("/customers", json=ADA)).status_code == 201
    service = await caller.client(PrincipalKind.SERVICE, frozenset({Scope.CUSTOMERS_WRITE}))
    assert (await service.post("/customers", json=ADA)).status_code == 200
