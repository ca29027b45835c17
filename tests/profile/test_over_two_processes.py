"""The whole service as two real processes on one database: nobody reads what an acknowledged write has replaced, whatever becomes of Valkey."""

import asyncio
import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from factbook.cache import BOUND_SECONDS
from tests.cache.judging import Acknowledged, Moment, too_old
from tests.commands.processes import Installation, Service
from tests.faults.valkey import Valkey
from tests.profile.two_services import Done, Load

CUSTOMERS = 6
RUN_SECONDS = 6.0
ENOUGH = 20


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    made = Valkey(tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    yield made
    made.close()


@pytest.fixture
def services(installation: Installation, valkey: Valkey) -> list[Service]:
    """Two services on one data folder and one Valkey."""
    first = installation.serve("--demo", FACTBOOK_REDIS_URL=valkey.url)
    second = installation.serve(FACTBOOK_REDIS_URL=valkey.url)
    return [first.ready(), second.ready()]


@dataclass(frozen=True)
class Harm:
    """What was done to Valkey, and from when to when it surely answered nobody."""

    kind: str
    began: float
    ended: float

    def covers(self, done: Done) -> bool:
        """Whether the operation fell into it from its beginning to its end."""
        return self.began <= done.began and done.ended <= self.ended


async def do_harm(valkey: Valkey, chance: random.Random) -> list[Harm]:
    """Kill it and start it empty, and let it sleep, twice each, in any order, with time in between for it to be used again."""
    kinds = ["kill", "pause"] * 2
    chance.shuffle(kinds)
    harms: list[Harm] = []
    end = time.monotonic() + RUN_SECONDS
    await asyncio.sleep(1.0)
    for kind in kinds:
        stop, go_on = (valkey.kill, valkey.start) if kind == "kill" else (valkey.pause, valkey.resume)
        await asyncio.to_thread(stop)
        began = time.monotonic()
        await asyncio.sleep(chance.uniform(0.3, 0.6))
        harms.append(Harm(kind, began, time.monotonic()))
        await asyncio.to_thread(go_on)
        await asyncio.sleep(max(0.0, min(chance.uniform(0.1, 1.5), end - time.monotonic())))
    await asyncio.sleep(max(0.0, end - time.monotonic()))
    return harms


async def load_under_harm(load: Load, valkey: Valkey) -> list[Harm]:
    """Let the clients work while harm is done, and some while longer."""
    ended = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(load.run(ended))
        harms = await do_harm(valkey, load.chance)
        ended.set()
    return harms


def read_moments(reads: Iterable[Done]) -> list[Moment]:
    return [(read.began, read.customer, read.value) for read in reads]


def acknowledged(writes: Iterable[Done]) -> Acknowledged:
    return Acknowledged((write.ended, write.customer, write.value) for write in writes)


def from_the_future(reads: Iterable[Done], writes: Iterable[Done]) -> list[Done]:
    """Reads that ended before the write began whose value they gave."""
    began = {(write.customer, write.value): write.began for write in writes}
    return [read for read in reads if read.value and read.ended < began[read.customer, read.value]]


def hits(service: Service, tier: str) -> float:
    """How many profiles the service's `/metrics` says came from this tier of its cache."""
    wanted = f'factbook_profile_cache_hits_total{{kind="profile",tier="{tier}"}} '
    lines = service.get("/metrics").text.splitlines()
    return sum(float(line.removeprefix(wanted)) for line in lines if line.startswith(wanted))


async def test_nobody_reads_what_an_acknowledged_write_replaced_whatever_becomes_of_valkey(services: list[Service], valkey: Valkey) -> None:
    seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)  # noqa: S311  # nothing secret
    key = services[0].key
    customers = [
        services[0].post("/v1/customers", key, {"channel": "api", "identifier": f"customer {number}"}).json()["id"] for number in range(CUSTOMERS)
    ]
    load = Load(services, customers, key, chance)
    harms = await load_under_harm(load, valkey)
    found = {(number, tier): hits(service, tier) for number, service in enumerate(services) for tier in ("process", "shared")}
    told = f"seed {seed}, {len(load.reads)} reads, {len(load.writes)} writes, {found}, {harms}"

    assert [done for done in load.writes if done.status != 200] == [], told
    assert [done for done in load.reads if done.status not in {200, 304}] == [], told
    assert too_old(read_moments(load.reads), acknowledged(load.writes), BOUND_SECONDS) == [], told
    for number in range(len(services)):
        own_reads = [read for read in load.reads if read.service == number]
        own_writes = [write for write in load.writes if write.service == number]
        assert too_old(read_moments(own_reads), acknowledged(own_writes), 0.0) == [], told
        assert len(own_reads) > ENOUGH, told
        assert len(own_writes) > ENOUGH, told
    assert from_the_future(load.reads, load.writes) == [], told

    assert sorted(harm.kind for harm in harms) == ["kill", "kill", "pause", "pause"], told
    for kind in ("kill", "pause"):
        assert {read.service for harm in harms for read in load.reads if harm.kind == kind and harm.covers(read)} == {0, 1}, told
    assert any(harm.covers(write) for harm in harms for write in load.writes), told
    assert any(read.status == 304 for read in load.reads), told
    assert min(count for (_, tier), count in found.items() if tier == "process") > ENOUGH, told
    assert min(found.values()) > 0, told
