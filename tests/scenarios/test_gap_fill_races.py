"""Filling gaps while others write: one value, once on record, and whoever wrote it meanwhile is right."""

import asyncio
from typing import Any

from httpx2 import AsyncClient

from factbook.database.pools import Database
from factbook.idempotency import IdempotentRequest, claim
from factbook.kernel.ids import new_id
from tests.calling import Caller
from tests.conversations.inbox import code
from tests.jobs.working import until
from tests.scenarios.gaps import Scripted, World
from tests.scenarios.test_races import are_blocked


async def held_up(world: World, scripted: Scripted, times: int = 1, **more: Any) -> list[asyncio.Task[dict[str, Any]]]:
    """So many requests that have read everything and wait for what the executor says."""
    scripted.hold()
    tasks = [asyncio.create_task(world.fill(**more)) for _ in range(times)]
    for _ in tasks:
        await scripted.arrived.acquire()
    return tasks


async def go_on(scripted: Scripted, tasks: list[asyncio.Task[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What they come to once the executor answers."""
    assert scripted.door is not None
    scripted.door.set()
    return list(await asyncio.gather(*tasks))


async def asking(client: AsyncClient, scripted: Scripted) -> World:
    """A scenario that needs a reason and a colour, which the customer has said."""
    world = await World.made(client)
    await world.require("reason")
    await world.require("colour", collection_order=1)
    await world.say("It is broken and red.")
    scripted.finds("reason", "broken").finds("colour", "red")
    return world


async def test_racing_fillings_leave_one_value_of_each_field_once_on_record(client: AsyncClient, scripted: Scripted) -> None:
    world = await asking(client, scripted)
    answers = await go_on(scripted, await held_up(world, scripted, times=4))
    for name, value in (("reason", "broken"), ("colour", "red")):
        assert [(each["value"], each["status"]) for each in await world.history(name)] == [(value, "active")]
        assert {answer["results"][name]["value"] for answer in answers} == {value}
        assert sorted(answer["results"][name]["source"] for answer in answers) == ["extraction", "profile", "profile", "profile"]


async def test_racing_proposals_are_made_once(client: AsyncClient, scripted: Scripted) -> None:
    world = await asking(client, scripted)
    await world.define("reason", freshness_seconds=60)
    await world.know("reason", "late", "human_entered", collected_at="2026-01-01T00:00:00Z")
    answers = await go_on(scripted, await held_up(world, scripted, times=3))
    assert [(each["value"], each["status"]) for each in await world.history("reason")] == [("broken", "superseded"), ("late", "active")]
    assert [answer["results"]["reason"]["needs_confirmation"] for answer in answers] == [True] * 3


async def test_what_somebody_writes_meanwhile_stands(client: AsyncClient, scripted: Scripted) -> None:
    world = await asking(client, scripted)
    tasks = await held_up(world, scripted)
    entered = await world.know("reason", "late", "human_entered")
    said = await world.know("colour", "blue", "user_provided")
    (answer,) = await go_on(scripted, tasks)
    for name, standing in (("reason", entered), ("colour", said)):
        assert [(each["value"], each["status"]) for each in await world.history(name)] == [(standing["value"], "active")]
        result = answer["results"][name]
        assert (result["value"], result["source"], result["source_item_id"]) == (standing["value"], "profile", standing["id"])


async def test_racing_writers_and_fillings_never_outdo_a_human(client: AsyncClient, scripted: Scripted) -> None:
    for _ in range(8):
        world = await asking(client, scripted)
        await asyncio.gather(world.fill(), world.know("reason", "late", "human_entered"), world.fill())
        history = await world.history("reason")
        assert [each["value"] for each in history if each["status"] == "active"] == ["late"]
        assert [each["value"] for each in history].count("broken") <= 1


async def test_a_definition_that_becomes_strict_meanwhile_refuses(client: AsyncClient, scripted: Scripted) -> None:
    world = await asking(client, scripted)
    tasks = await held_up(world, scripted)
    await world.define("reason", allowed_values=["late"], validation_mode="strict")
    (answer,) = await go_on(scripted, tasks)
    reason = answer["results"]["reason"]
    assert (reason["filled"], reason["validation_errors"]) == (False, ["allowed_values_error: not one of the allowed values"])
    assert answer["ask"] == ["reason"]
    assert list((await world.profile())["fields"]) == ["colour"]


async def test_racing_requests_under_one_key_do_it_once(client: AsyncClient, scripted: Scripted) -> None:
    world = await asking(client, scripted)
    answers = await go_on(scripted, await held_up(world, scripted, times=3, key="k1"))
    assert {answer["results"]["reason"]["value"] for answer in answers} == {"broken"}
    assert [len(await world.history(name)) for name in ("reason", "colour")] == [1, 1]


async def test_another_write_under_the_same_key_that_holds_the_profile_is_waited_for(
    client: AsyncClient, caller: Caller, database: Database, scripted: Scripted
) -> None:
    world = await asking(client, scripted)
    await world.know("shoe_size", 42)
    async with database.transaction(caller.tenant_id) as other:
        await other.execute("SELECT FROM customer_profiles WHERE tenant_id = $1 FOR UPDATE", caller.tenant_id)
        principal_id = await other.fetchval("SELECT id FROM principals WHERE tenant_id = $1", caller.tenant_id)
        filling = asyncio.create_task(world.post(key="k1"))
        await until(lambda: are_blocked(database, 1), "the filling to wait for the profile")
        await claim(other, caller.tenant_id, principal_id, IdempotentRequest("k1", b"x" * 32), new_id())
    assert code(await filling) == (409, "idempotency_key_reused")
