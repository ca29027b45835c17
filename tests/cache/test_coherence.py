"""Two processes, one truth: what one writes, the other never serves older for long, and the writer never at all."""

import asyncio

import psycopg
import pytest

from factbook.cache import Entry, Key, sharing
from factbook.cache.payload import CHANNEL, written
from factbook.cache.shared import LookUp
from factbook.database.urls import DatabaseUrls
from tests.cache.conftest import Caches
from tests.cache.world import World, counted, has_heard, held_by, reads_at_last, until
from tests.faults.valkey import Valkey

# Without the shared tier and with it: the argument is the same.
BOTH = pytest.mark.parametrize("with_redis", [False, True], ids=["without redis", "with redis"])


def redis_url(valkey: Valkey, with_redis: bool) -> str | None:
    return valkey.url if with_redis else None


@BOTH
async def test_the_writers_process_reads_its_own_write_at_once(caches: Caches, world: World, valkey: Valkey, with_redis: bool) -> None:
    cache = await caches.open(redis_url(valkey, with_redis))
    for version in range(1, 30):
        assert await world.read(cache) == version
        await world.write(cache)


@BOTH
async def test_another_process_hears_of_a_write(caches: Caches, world: World, valkey: Valkey, with_redis: bool) -> None:
    writer, reader = await caches.open(redis_url(valkey, with_redis)), await caches.open(redis_url(valkey, with_redis))
    for version in range(1, 10):
        await reads_at_last(world, reader, version)
        await world.write(writer)
    await reads_at_last(world, reader, 10)


@BOTH
async def test_a_process_without_a_cache_is_heard_by_all_others(caches: Caches, world: World, valkey: Valkey, with_redis: bool) -> None:
    readers = [await caches.open(redis_url(valkey, with_redis)) for _ in range(2)]
    for reader in readers:
        assert await world.read(reader) == 1
    await world.write(None)
    for reader in readers:
        await reads_at_last(world, reader, 2)


@BOTH
async def test_a_write_that_is_taken_back_drops_nothing(caches: Caches, world: World, valkey: Valkey, with_redis: bool) -> None:
    writer, reader = await caches.open(redis_url(valkey, with_redis)), await caches.open(redis_url(valkey, with_redis))
    await world.read(reader)
    with pytest.raises(ZeroDivisionError):
        await world.write_and_take_back(writer)
    await world.write_another(writer)  # heard after whatever the first transaction might have sent
    await until(lambda: has_heard(reader, world.other_key, 1), "the reader to hear of the other key")
    assert await world.read(reader) == 1
    assert world.loads == 1


@BOTH
async def test_a_slow_reader_never_puts_an_older_version_back(caches: Caches, world: World, valkey: Valkey, with_redis: bool) -> None:
    writer, reader = await caches.open(redis_url(valkey, with_redis)), await caches.open(redis_url(valkey, with_redis))
    has_read, go = asyncio.Event(), asyncio.Event()

    async def load_slowly() -> Entry:
        entry = await world.load()
        has_read.set()
        await go.wait()
        return entry

    slow = asyncio.create_task(reader.get(world.key, load_slowly))
    await has_read.wait()
    await world.write(writer)
    await until(lambda: has_heard(reader, world.key, 2), "the reader to hear of it")
    # Who comes now does not wait for the load that began before the write.
    assert await world.read(reader) == 2
    go.set()
    assert (await slow).version == 1
    assert [await world.read(cache) for cache in (reader, writer)] == [2, 2]
    late = await caches.open(redis_url(valkey, with_redis))
    assert await world.read(late) == 2


async def test_the_process_that_writes_does_not_wait_for_its_older_load_either(caches: Caches, world: World) -> None:
    cache = await caches.open()
    go = asyncio.Event()

    async def load_slowly() -> Entry:
        entry = await world.load()
        await go.wait()
        return entry

    slow = asyncio.create_task(cache.get(world.key, load_slowly))
    await asyncio.sleep(0.01)
    await world.write(cache)
    assert await world.read(cache) == 2
    go.set()
    assert (await slow).version == 1
    assert await world.read(cache) == 2


async def test_an_entry_below_the_floor_is_returned_to_who_loaded_it_and_not_kept(caches: Caches, world: World) -> None:
    cache = await caches.open()
    cache.settle(world.key, 5)
    assert [await world.read(cache), await world.read(cache)] == [1, 1]
    assert world.loads == 2


async def test_a_message_of_an_older_version_drops_nothing(caches: Caches, world: World) -> None:
    cache = await caches.open()
    world.version = 7
    await world.read(cache)
    cache.settle(world.key, 7)
    cache.settle(world.key, 6)
    assert await world.read(cache) == 7
    assert world.loads == 1


async def test_a_message_that_cannot_be_read_drops_everything(caches: Caches, world: World, urls: DatabaseUrls) -> None:
    cache = await caches.open()
    await world.read(cache)
    dropped = counted("factbook_profile_cache_invalidations_total", kind="profile", reason="channel")
    with psycopg.connect(urls.reader, autocommit=True) as anybody:
        anybody.execute("SELECT pg_notify(%s, 'a word of a later version')", (CHANNEL,))
    # Other caches of this process drop what they hold as well.
    await until(lambda: counted("factbook_profile_cache_invalidations_total", kind="profile", reason="channel") > dropped, "a drop")
    await until(lambda: len(cache._memory) == 0, "this cache to be empty")
    await world.read(cache)
    assert world.loads == 2


async def test_a_process_finds_what_another_has_loaded(caches: Caches, world: World, valkey: Valkey) -> None:
    first, second = await caches.open(valkey.url), await caches.open(valkey.url)
    await world.read(first)
    await until(lambda: b"v1" in held_by(valkey), "the entry to be shared")
    hits = counted("factbook_profile_cache_hits_total", kind="profile", tier="shared")
    assert [await world.read(second), await world.read(second)] == [1, 1]
    assert world.loads == 1
    assert counted("factbook_profile_cache_hits_total", kind="profile", tier="shared") == hits + 1


async def test_an_announced_write_makes_the_shared_entry_a_tombstone_before_the_commit(caches: Caches, world: World, valkey: Valkey) -> None:
    cache = await caches.open(valkey.url)
    await world.read(cache)
    await until(lambda: b"v1" in held_by(valkey), "the entry to be shared")
    async with world.database.transaction(world.tenant_id) as connection:
        await cache.announce_all(connection, [(world.key, 2)])
        assert b"t1" in held_by(valkey)


async def test_a_write_without_a_cache_puts_all_shared_entries_out_of_reach(caches: Caches, world: World, valkey: Valkey) -> None:
    cache = await caches.open(valkey.url)
    await world.read(cache)
    await until(lambda: b"v1" in held_by(valkey), "the entry to be shared")
    epoch = cache._sharing.epoch
    await world.write(None)
    await until(lambda: cache._sharing.epoch != epoch, "the new epoch")
    late = await caches.open(valkey.url)
    world.loads = 0
    assert await world.read(late) == 2
    assert world.loads == 1


async def test_what_an_unknown_process_shared_late_is_buried_by_everybody_who_hears(
    caches: Caches, world: World, valkey: Valkey, urls: DatabaseUrls
) -> None:
    """The older value came in after the writer's tombstone was lost, from a process that does not live any more."""
    bystander = await caches.open(valkey.url)
    dead = await caches.open(valkey.url)
    await world.read(dead)
    await until(lambda: b"v1" in held_by(valkey), "the entry to be shared")
    await dead.close()
    with psycopg.connect(urls.writer, autocommit=True) as writer:
        writer.execute("SELECT pg_notify(%s, %s)", (CHANNEL, written(world.key, 2)))
    await until(lambda: b"t1" in held_by(valkey), "the tombstone")
    assert has_heard(bystander, world.key, 2)


async def test_what_was_taken_from_the_shared_tier_is_dropped_with_its_epoch_and_what_was_loaded_stays(
    caches: Caches, world: World, valkey: Valkey, urls: DatabaseUrls
) -> None:
    first, second = await caches.open(valkey.url), await caches.open(valkey.url)
    await world.read(first)
    await until(lambda: b"v1" in held_by(valkey), "the entry to be shared")
    await world.read(second)
    with psycopg.connect(urls.writer, autocommit=True) as writer:
        writer.execute("SELECT raise_cache_epoch()")
    await until(lambda: len(second._memory) == 0, "the drop")
    assert len(first._memory) == 1
    assert world.loads == 1


async def test_a_load_under_way_when_the_epoch_is_raised_is_not_shared(caches: Caches, world: World, valkey: Valkey, urls: DatabaseUrls) -> None:
    cache = await caches.open(valkey.url)
    epoch, has_read, go = cache._sharing.epoch, asyncio.Event(), asyncio.Event()

    async def load_slowly() -> Entry:
        has_read.set()
        await go.wait()
        return await world.load()

    slow = asyncio.create_task(cache.get(world.key, load_slowly))
    await has_read.wait()
    with psycopg.connect(urls.writer, autocommit=True) as writer:
        writer.execute("SELECT raise_cache_epoch()")
    await until(lambda: cache._sharing.epoch != epoch, "the new epoch")
    go.set()
    await slow
    await cache.get(world.other_key, world.load)
    await until(lambda: len(valkey.names()) == 1, "the other entry to be shared")
    assert world.other_key.name in valkey.names()[0]


async def test_a_newcomer_reads_nothing_shared_at_first(caches: Caches, world: World, valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await caches.open(valkey.url)
    await world.read(first)
    await until(lambda: b"v1" in held_by(valkey), "the entry to be shared")
    monkeypatch.setattr(sharing, "_SETTLING_SECONDS", 1e9)
    newcomer = await caches.open_whatever_is_away(valkey.url)
    await until(lambda: newcomer.state() == "ok", "the newcomer to be ready")
    await world.read(newcomer)
    assert world.loads == 2


async def test_an_answer_of_the_shared_tier_that_the_epoch_has_overtaken_is_not_taken(
    caches: Caches, world: World, valkey: Valkey, urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await caches.open(valkey.url), await caches.open(valkey.url)
    await world.read(first)
    await until(lambda: b"v1" in held_by(valkey), "the entry to be shared")
    shared, answered, go = second._sharing._shared, asyncio.Event(), asyncio.Event()
    assert shared is not None
    ask = shared.look_up

    async def ask_slowly(key: Key, epoch: int) -> LookUp | None:
        found = await ask(key, epoch)
        answered.set()
        await go.wait()
        return found

    monkeypatch.setattr(shared, "look_up", ask_slowly)
    epoch, reading = second._sharing.epoch, asyncio.create_task(world.read(second))
    await answered.wait()
    with psycopg.connect(urls.writer, autocommit=True) as writer:
        writer.execute("SELECT raise_cache_epoch()")
    await until(lambda: second._sharing.epoch != epoch, "the new epoch")
    go.set()
    await reading
    assert world.loads == 2
