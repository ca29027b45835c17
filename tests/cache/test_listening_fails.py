"""The listening connection is lost, hangs, or cannot be made: what cannot be vouched for is not served."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import pytest
from structlog.testing import capture_logs

from factbook.cache import BOUND_SECONDS, Entry
from factbook.database.urls import DatabaseUrls
from tests.cache.conftest import Caches
from tests.cache.world import World, reads_at_last, reads_shared, until
from tests.faults.listeners import end_listeners
from tests.faults.proxy import Proxy, proxy_to
from tests.faults.valkey import Valkey


@pytest.fixture
async def proxy(urls: DatabaseUrls) -> AsyncIterator[Proxy]:
    """Stands between a cache and PostgreSQL."""
    parts = urlsplit(urls.reader)
    async with proxy_to(parts.hostname or "", parts.port or 5432) as made:
        yield made


def url_through(proxy: Proxy, urls: DatabaseUrls) -> str:
    parts = urlsplit(urls.reader)
    return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{proxy.port}"))


async def test_a_lost_connection_empties_the_cache_and_a_new_one_fills_it_again(caches: Caches, world: World, urls: DatabaseUrls) -> None:
    cache = await caches.open()
    await world.read(cache)
    with capture_logs() as lines:
        end_listeners(urls)
        await until(lambda: cache.state() == "not listening", "the cache to find itself deaf")
        assert len(cache._memory) == 0
        world.version = 2  # and nobody was told
        assert await world.read(cache) == 2
        await until(lambda: cache.state() == "off", "the cache to listen again")
    told = [line["event"] for line in lines]
    # Every cache of this process has lost its connection, not this one alone.
    assert told[0] == "cache_subscription_lost"
    assert set(told) == {"cache_subscription_lost", "cache_subscription_restored"}
    world.loads = 0
    assert [await world.read(cache) for _ in range(3)] == [2, 2, 2]
    assert world.loads == 1


async def test_a_process_that_was_deaf_has_everything_shared_distrusted(caches: Caches, world: World, urls: DatabaseUrls, valkey: Valkey) -> None:
    cache = await caches.open(valkey.url)
    epoch = cache._sharing.epoch
    assert epoch is not None
    end_listeners(urls)
    await until(lambda: cache.state() == "not listening", "the cache to find itself deaf")
    await until(lambda: reads_shared(cache), "the cache to read the shared tier again")
    assert cache._sharing.epoch is not None
    assert cache._sharing.epoch > epoch


async def test_a_cache_that_hears_no_answer_serves_nothing_once_its_lease_has_ended(
    caches: Caches, world: World, urls: DatabaseUrls, proxy: Proxy
) -> None:
    cache = await caches.open(listen_url=url_through(proxy, urls))
    writer = await caches.open()
    await world.read(cache)
    proxy.swallows = True
    await world.write(writer)
    await asyncio.sleep(BOUND_SECONDS)
    assert await world.read(cache) == 2
    proxy.swallows = False
    proxy.cut()
    await until(lambda: cache.state() == "off", "the cache to listen again")
    await reads_at_last(world, cache, 2)


async def test_nobody_waits_for_the_load_of_another_without_a_lease(caches: Caches, world: World, urls: DatabaseUrls, proxy: Proxy) -> None:
    cache = await caches.open(listen_url=url_through(proxy, urls))
    proxy.swallows = True
    await until(lambda: not cache._subscription.holds_lease(), "the end of the lease")
    assert [await world.read(cache), await world.read(cache)] == [1, 1]
    assert world.loads == 2
    assert cache._flights == {}


async def test_a_database_that_is_away_when_the_cache_is_opened_is_no_error(caches: Caches, world: World, urls: DatabaseUrls, proxy: Proxy) -> None:
    proxy.swallows = True
    cache = await caches.open_whatever_is_away(None, url_through(proxy, urls))
    assert cache.state() == "not listening"
    assert await world.read(cache) == 1
    proxy.swallows = False
    proxy.cut()
    await until(lambda: cache.state() == "off", "the cache to listen")


async def test_a_writer_that_cannot_vouch_for_the_epoch_raises_it(
    caches: Caches, world: World, urls: DatabaseUrls, proxy: Proxy, valkey: Valkey
) -> None:
    writer = await caches.open(valkey.url, listen_url=url_through(proxy, urls))
    bystander = await caches.open(valkey.url)
    epoch = bystander._sharing.epoch
    proxy.swallows = True
    await until(lambda: not writer._subscription.holds_lease(), "the end of the lease")
    await world.write(writer)
    await until(lambda: bystander._sharing.epoch != epoch, "the new epoch")


async def test_a_load_that_began_before_the_connection_was_lost_is_not_kept(caches: Caches, world: World, urls: DatabaseUrls) -> None:
    cache = await caches.open()
    has_read, go = asyncio.Event(), asyncio.Event()

    async def load_slowly() -> Entry:
        entry = await world.load()
        has_read.set()
        await go.wait()
        return entry

    slow = asyncio.create_task(cache.get(world.key, load_slowly))
    await has_read.wait()
    end_listeners(urls)
    await until(lambda: cache.state() == "not listening", "the cache to find itself deaf")
    world.version = 2  # and nobody was told
    await until(lambda: cache.state() == "off", "the cache to listen again")
    go.set()
    assert (await slow).version == 1
    assert await world.read(cache) == 2
