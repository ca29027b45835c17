"""Tenants' settings over HTTP: defaults, changes of what is named, and who may."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.access import PrincipalKind, Scope, create_tenant
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from tests.calling import Caller
from tests.conversations.inbox import code

DEFAULTS = {"customer_badge": False, "validation_mode": "warn"}


async def test_every_setting_has_a_default(client: AsyncClient) -> None:
    assert (await client.get("/settings")).json() == DEFAULTS


async def test_a_change_stays_and_tells_what_holds_now(client: AsyncClient) -> None:
    for value in (True, False, True, True):
        answer = await client.put("/settings", json={"customer_badge": value})
        assert (answer.status_code, answer.json()) == (200, DEFAULTS | {"customer_badge": value})
        assert (await client.get("/settings")).json() == DEFAULTS | {"customer_badge": value}


async def test_a_change_of_nothing_changes_nothing(client: AsyncClient) -> None:
    await client.put("/settings", json={"customer_badge": True})
    answer = await client.put("/settings", json={})
    assert (answer.status_code, answer.json()) == (200, DEFAULTS | {"customer_badge": True})


@pytest.mark.parametrize("value", ["true", "false", 1, 0, None, [], {}])
async def test_a_flag_is_a_boolean_and_nothing_that_looks_like_one(client: AsyncClient, value: Any) -> None:
    answer = await client.put("/settings", json={"customer_badge": value})
    assert code(answer) == (422, "request_invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["customer_badge"]


async def test_an_unknown_setting_is_refused_by_name_and_nothing_is_changed(client: AsyncClient) -> None:
    answer = await client.put("/settings", json={"customer_badge": True, "colour": "red"})
    assert code(answer) == (422, "request_invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["colour"]
    assert (await client.get("/settings")).json() == DEFAULTS


@pytest.mark.parametrize("kind", PrincipalKind)
async def test_changing_needs_the_scope_and_reading_none(caller: Caller, kind: PrincipalKind) -> None:
    without = await caller.client(kind, frozenset(Scope) - {Scope.ADMIN})
    assert code(await without.put("/settings", json={"customer_badge": True})) == (403, "scope_required")
    assert (await without.get("/settings")).json() == DEFAULTS
    assert (await (await caller.client(kind, frozenset({Scope.ADMIN}))).put("/settings", json={"customer_badge": True})).status_code == 200


async def test_a_tenants_settings_are_its_own(app: FastAPI, database: Database, client: AsyncClient) -> None:
    elsewhere = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    await client.put("/settings", json={"customer_badge": True})
    assert (await (await elsewhere.client()).get("/settings")).json() == DEFAULTS
    await elsewhere.close()


async def test_racing_first_changes_all_succeed(client: AsyncClient) -> None:
    answers = await asyncio.gather(*(client.put("/settings", json={"customer_badge": True}) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
