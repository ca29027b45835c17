"""One process reads: what is kept, for how long, and what many who ask at once share."""

import asyncio
from datetime import timedelta

import pytest

from factbook.cache import Entry, Key, Limits
from factbook.cache.model import KINDS
from factbook.kernel.clock import now
from tests.cache.conftest import Caches
from tests.cache.world import World, counted, until


async def test_a_second_read_is_answered_without_a_load(caches: Caches, world: World) -> None:
    cache = await caches.open()
    assert [await world.read(cache) for _ in range(3)] == [1, 1, 1]
    assert world.loads == 1


async def test_hits_and_misses_are_counted_by_kind_and_tier(caches: Caches, world: World) -> None:
    cache = await caches.open()
    hits = counted("factbook_profile_cache_hits_total", kind="profile", tier="process")
    misses = counted("factbook_profile_cache_misses_total", kind="profile")
    for _ in range(3):
        await world.read(cache)
    assert counted("factbook_profile_cache_hits_total", kind="profile", tier="process") == hits + 2
    assert counted("factbook_profile_cache_misses_total", kind="profile") == misses + 1


async def test_an_entry_past_its_validity_is_loaded_anew(caches: Caches, world: World) -> None:
    cache = await caches.open()
    world.valid_until = now() + timedelta(milliseconds=200)
    await world.read(cache)
    await until(lambda: world.valid_until is not None and now() >= world.valid_until, "the end of its validity")
    world.valid_until = None
    await world.read(cache)
    await world.read(cache)
    assert world.loads == 2


async def test_an_entry_that_is_past_its_validity_when_loaded_is_not_kept(caches: Caches, world: World) -> None:
    cache = await caches.open()
    world.valid_until = now()
    assert [await world.read(cache), await world.read(cache)] == [1, 1]
    assert world.loads == 2


async def test_the_least_recently_used_entry_gives_way_to_a_new_one(caches: Caches, world: World) -> None:
    cache = await caches.open(limits=Limits(entries=2))
    loaded: list[str] = []

    async def read(name: str) -> None:
        async def load() -> Entry:
            loaded.append(name)
            return Entry(1, b"")

        await cache.get(Key(world.tenant_id, "field_defs", name), load)

    for name in ("a", "b", "a", "c", "a", "b"):
        await read(name)
    assert loaded == ["a", "b", "c", "b"]


async def test_bodies_together_stay_below_the_limit_of_bytes(caches: Caches, world: World) -> None:
    cache = await caches.open(limits=Limits(bytes=10))
    loaded: list[int] = []

    async def read(size: int) -> None:
        async def load() -> Entry:
            loaded.append(size)
            return Entry(1, bytes(size))

        await cache.get(Key(world.tenant_id, "scenario_reqs", str(size)), load)

    for size in (4, 6, 4, 5, 6, 11, 11):
        await read(size)
    assert loaded == [4, 6, 5, 6, 11, 11]


async def test_many_who_ask_at_once_share_one_load(caches: Caches, world: World) -> None:
    cache = await caches.open()
    assert await asyncio.gather(*(world.read(cache) for _ in range(50))) == [1] * 50
    assert world.loads == 1


async def test_a_caller_who_goes_away_takes_the_answer_from_nobody(caches: Caches, world: World) -> None:
    cache = await caches.open()
    go = asyncio.Event()

    async def load() -> Entry:
        await go.wait()
        return await world.load()

    first, second = (asyncio.create_task(cache.get(world.key, load)) for _ in range(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    go.set()
    assert (await second).version == 1
    assert world.loads == 1


async def test_an_error_reaches_everybody_who_waits_and_is_not_kept(caches: Caches, world: World) -> None:
    cache = await caches.open()

    async def fail() -> Entry:
        await asyncio.sleep(0)
        raise LookupError("no such customer")

    found = await asyncio.gather(*(cache.get(world.key, fail) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in found] == [LookupError] * 3
    assert await world.read(cache) == 1


async def test_an_error_for_which_nobody_waits_any_more_troubles_nobody(caches: Caches, world: World) -> None:
    cache = await caches.open()
    go, complaints = asyncio.Event(), list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))

    async def fail() -> Entry:
        await go.wait()
        raise LookupError("no such customer")

    caller = asyncio.create_task(cache.get(world.key, fail))
    await asyncio.sleep(0.01)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go.set()
    await asyncio.sleep(0.01)
    asyncio.get_running_loop().set_exception_handler(None)
    assert complaints == []


async def test_tenants_and_kinds_do_not_share_a_name(caches: Caches, world: World) -> None:
    cache = await caches.open()
    keys = [Key(world.tenant_id, kind, "one") for kind in KINDS]

    async def read(key: Key) -> Entry:
        async def load() -> Entry:
            return Entry(1, key.kind.encode())

        return await cache.get(key, load)

    for key in keys:
        await read(key)
    found = [(await cache.get(key, world.load)).body for key in keys]
    assert found == [kind.encode() for kind in KINDS]
