"""Measures what telling the caches costs a write: telling nobody, with NOTIFY, and with NOTIFY and a tombstone in Valkey.

Serial, and by sixteen writers, each with customers of its own: all of one tenant, whose audit chain every write waits for, and of sixteen tenants,
which have only the queue of notifications in common.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.measuring import percentiles, ratio
from benchmarks.profile_data import Tenant, make_tenant, new_value, vacuum
from benchmarks.profile_loading import SETTLING_SECONDS
from benchmarks.profile_turns import Work, at, in_turns
from factbook.cache import Cache, Key, Limits
from factbook.database.pools import Connection, Database
from factbook.database.urls import DatabaseUrls
from factbook.profile.backend import Actor, Backend
from factbook.profile.fields.operations import Terms, put_field
from factbook.profile.sealing.master_keys import MasterKeys

WRITERS = 16
_CUSTOMERS = 64
_BLOCKS = 4  # in which the three take turns
_Figures = dict[str, dict[str, Any]]


async def measure(urls: DatabaseUrls, masters: MasterKeys, redis_url: str, writes: int) -> dict[str, Any]:
    """The figures of all three ways, each serial and by many writers."""
    database = await Database.open(urls, pool_size=WRITERS)
    notifying, burying = await Cache.open(urls.reader, None), await Cache.open(urls.reader, redis_url)
    try:
        tenants = [await make_tenant(database, urls.admin, _CUSTOMERS) for _ in range(WRITERS)]
        await vacuum(urls.admin)
        await asyncio.sleep(SETTLING_SECONDS)
        backends = {
            "telling_nobody": Backend(database, masters, telling_nobody(urls)),
            "with_notify": Backend(database, masters, notifying),
            "with_notify_and_tombstone": Backend(database, masters, burying),
        }
        return {
            "writes": writes,
            "writers": WRITERS,
            "serial": await _serial(backends, tenants[0], writes // 4),
            "one_tenant": await _at_once(backends, tenants[:1], writes),
            f"{WRITERS}_tenants": await _at_once(backends, tenants, writes),
        }
    finally:
        await notifying.close()
        await burying.close()
        await database.close()


def telling_nobody(urls: DatabaseUrls) -> Cache:
    """A cache that no write is announced to: what a write would cost if there were nobody to tell. Nothing may be read through it."""

    class TellingNobody(Cache):
        async def announce_all(self, connection: Connection, changes: Sequence[tuple[Key, int]]) -> None:
            pass

        def settle(self, key: Key, version: int) -> None:
            pass

    return TellingNobody(urls.reader, None, Limits())


async def _serial(backends: dict[str, Backend], tenant: Tenant, writes: int) -> _Figures:
    def work(backend: Backend) -> Work:
        return lambda turn: _write(backend, tenant, turn)

    times = await in_turns(writes, *map(work, backends.values()))
    return _with_ratios({name: percentiles(seconds) for name, seconds in zip(backends, times, strict=True)}, "p50_us")


async def _at_once(backends: dict[str, Backend], tenants: list[Tenant], writes: int) -> _Figures:
    seconds: dict[str, list[float]] = {name: [] for name in backends}
    whole = dict.fromkeys(backends, 0.0)
    for _ in range(_BLOCKS):
        for name, backend in backends.items():
            began = time.perf_counter()
            seconds[name] += await _block(backend, tenants, writes // _BLOCKS)
            whole[name] += time.perf_counter() - began
    figures = {name: percentiles(seconds[name]) | {"per_second": round(len(seconds[name]) / whole[name])} for name in backends}
    return _with_ratios(figures, "per_second")


async def _block(backend: Backend, tenants: list[Tenant], writes: int) -> list[float]:
    """Seconds of each write. No two writers have a customer in common."""
    seconds: list[float] = []

    async def writer(own: int) -> None:
        for number in range(writes // WRITERS):
            began = time.perf_counter()
            await _write(backend, at(tenants, own), own + number * WRITERS)
            seconds.append(time.perf_counter() - began)

    await asyncio.gather(*(writer(own) for own in range(WRITERS)))
    return seconds


async def _write(backend: Backend, tenant: Tenant, turn: int) -> None:
    await put_field(backend, tenant.id, Actor.of(tenant.human), at(tenant.customers, turn), new_value(turn), Terms())


def _with_ratios(figures: _Figures, member: str) -> _Figures:
    least = figures["telling_nobody"][member]
    return figures | {"to_telling_nobody": {name: ratio(of_way[member], least) for name, of_way in figures.items() if name != "telling_nobody"}}
