"""Redis is away, dies, hangs or forgets: reads go on, nothing is raised, and nothing old is served."""

from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from tests.cache.conftest import Caches
from tests.cache.world import World, counted, held_by, reads_at_last, reads_shared, until
from tests.faults.proxy import Proxy, proxy_to
from tests.faults.valkey import Valkey


@pytest.fixture
async def proxy(valkey: Valkey) -> AsyncIterator[Proxy]:
    """Stands between caches and the server."""
    async with proxy_to("127.0.0.1", valkey.port) as made:
        yield made


def url_of(proxy: Proxy) -> str:
    return f"redis://127.0.0.1:{proxy.port}/0"


async def goes_on(caches: Caches, world: World, redis_url: str) -> None:
    """Write and read with two caches of which at least one has a server that fails."""
    writer, reader = caches.opened[-2:]
    for _ in range(5):
        await world.write(writer)
        assert await world.read(writer) == world.version
        await reads_at_last(world, reader, world.version)
    newcomer = await caches.open_whatever_is_away(redis_url)
    assert await world.read(newcomer) == world.version


async def test_reads_go_on_when_redis_was_never_there(caches: Caches, world: World, valkey: Valkey) -> None:
    valkey.kill()
    caches_without = [await caches.open_whatever_is_away(valkey.url) for _ in range(2)]
    assert [cache.state() for cache in caches_without] == ["redis unreachable"] * 2
    await goes_on(caches, world, valkey.url)


async def test_redis_is_used_once_it_comes(caches: Caches, world: World, valkey: Valkey) -> None:
    valkey.kill()
    cache = await caches.open_whatever_is_away(valkey.url)
    valkey.start()
    await until(lambda: cache.state() == "ok" and reads_shared(cache), "the cache to find Redis")
    await world.read(cache)
    await until(lambda: b"v1" in held_by(valkey), "the entry to be shared")


async def test_reads_go_on_when_redis_is_killed_and_again_when_it_is_back(caches: Caches, world: World, valkey: Valkey) -> None:
    for _ in range(2):
        await caches.open(valkey.url)
    valkey.kill()
    await goes_on(caches, world, valkey.url)
    valkey.start()
    for cache in caches.opened:
        await until(lambda cache=cache: cache.state() == "ok" and reads_shared(cache), "the cache to find Redis again")  # type: ignore[misc]
    await goes_on(caches, world, valkey.url)


async def test_reads_go_on_when_redis_was_restarted_and_nobody_noticed(caches: Caches, world: World, valkey: Valkey) -> None:
    writer, reader = [await caches.open(valkey.url) for _ in range(2)]
    await world.read(reader)
    valkey.kill()
    valkey.start()
    await world.write(writer)
    await reads_at_last(world, reader, 2)
    await goes_on(caches, world, valkey.url)


async def test_reads_go_on_when_redis_hangs(caches: Caches, world: World, valkey: Valkey) -> None:
    for _ in range(2):
        await caches.open(valkey.url)
    valkey.pause()
    await goes_on(caches, world, valkey.url)
    valkey.resume()
    for cache in caches.opened:
        await until(lambda cache=cache: cache.state() == "ok" and reads_shared(cache), "the cache to find Redis again")  # type: ignore[misc]
    await goes_on(caches, world, valkey.url)


async def test_reads_go_on_when_redis_is_slow(caches: Caches, world: World, proxy: Proxy, valkey: Valkey) -> None:
    await caches.open(valkey.url)
    await caches.open(url_of(proxy))
    proxy.delay_seconds = 0.2
    await goes_on(caches, world, url_of(proxy))


async def test_reads_go_on_when_connections_to_redis_swallow_everything(caches: Caches, world: World, proxy: Proxy) -> None:
    for _ in range(2):
        await caches.open(url_of(proxy))
    proxy.swallows = True
    await goes_on(caches, world, url_of(proxy))
    proxy.swallows = False
    proxy.cut()
    for cache in caches.opened:
        await until(lambda cache=cache: cache.state() == "ok", "the cache to find Redis again")  # type: ignore[misc]


async def test_a_writer_cut_off_from_redis_takes_what_others_share_out_of_reach(caches: Caches, world: World, proxy: Proxy, valkey: Valkey) -> None:
    writer, reader = await caches.open(url_of(proxy)), await caches.open(valkey.url)
    await world.read(reader)
    await until(lambda: b"v1" in held_by(valkey), "the entry to be shared")
    proxy.swallows = True
    epoch = reader._sharing.epoch
    await world.write(writer)
    await until(lambda: reader._sharing.epoch != epoch, "the new epoch")
    late = await caches.open(valkey.url)
    assert await world.read(late) == 2


async def test_reads_go_on_when_redis_is_flushed(caches: Caches, world: World, valkey: Valkey) -> None:
    writer, reader = [await caches.open(valkey.url) for _ in range(2)]
    await world.read(reader)
    await world.write(writer)
    valkey.command("FLUSHALL")
    await reads_at_last(world, reader, 2)
    await goes_on(caches, world, valkey.url)


async def test_bytes_that_are_no_entry_are_a_miss(caches: Caches, world: World, valkey: Valkey) -> None:
    first, second = [await caches.open(valkey.url) for _ in range(2)]
    await world.read(first)
    await until(lambda: b"v1" in held_by(valkey), "the entry to be shared")
    for name in valkey.names():
        valkey.command("SET", name, "rubbish")
    assert await world.read(second) == 1
    assert world.loads == 2


async def test_an_outage_is_counted_and_logged_once(caches: Caches, world: World, valkey: Valkey) -> None:
    cache = await caches.open(valkey.url)
    errors = counted("factbook_cache_errors_total", operation="get")
    with capture_logs() as lines:
        valkey.kill()
        for _ in range(20):
            cache._memory.drop_all()
            await world.read(cache)
        assert counted("factbook_cache_errors_total", operation="get") == errors + 1
        valkey.start()
        await until(lambda: cache.state() == "ok", "the cache to find Redis again")
    told = [line["event"] for line in lines]
    assert told.count("profile_cache_get_error") == 1
    assert told[-1] == "profile_cache_health_check_passed"


async def test_the_epoch_is_raised_before_redis_is_used_again(caches: Caches, world: World, valkey: Valkey) -> None:
    cache = await caches.open(valkey.url)
    epoch = cache._sharing.epoch
    assert epoch is not None
    valkey.pause()
    await world.read(cache)
    valkey.resume()
    await until(lambda: reads_shared(cache), "the cache to use Redis again")
    assert cache._sharing.epoch is not None
    assert cache._sharing.epoch > epoch
