"""One of two processes that read and write a few keys for some seconds, run as a program. It writes down what it read and what it acknowledged.

Times are of the monotonic clock, which processes of one machine share. Nothing is judged here.
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from factbook.cache import Cache, Entry, Key, Limits, notify
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from tests.cache.world import counted

TENANT = UUID(int=7)
KEYS = 6
KEPT = 4  # fewer than there are, so that some reads ask the shared tier
RUN_SECONDS = 6.0


@dataclass
class Run:
    """What one process does, and its notes: (when, key, version) of each read by its start, and of each write by its acknowledgement."""

    cache: Cache
    database: Database
    chance: random.Random
    reads: list[tuple[float, int, int]] = field(default_factory=list)
    writes: list[tuple[float, int, int]] = field(default_factory=list)

    async def read(self, until: float) -> None:
        while time.monotonic() < until:
            number = self.chance.randrange(KEYS)
            began = time.monotonic()
            entry = await self.cache.get(key(number), lambda number=number: self._load(number))  # type: ignore[misc]
            assert entry.body == str(entry.version).encode()
            self.reads.append((began, number, entry.version))
            await asyncio.sleep(self.chance.random() * 0.004)

    async def _load(self, number: int) -> Entry:
        async with self.database.reading(TENANT) as connection:
            version = await connection.fetchval("SELECT version FROM cached_truth WHERE key = $1", number)
        if self.chance.random() < 0.3:
            await asyncio.sleep(self.chance.random() * 0.15)  # slow enough to be overtaken
        return Entry(version, str(version).encode())

    async def write(self, until: float) -> None:
        while time.monotonic() < until:
            await asyncio.sleep(self.chance.random() * 0.15)
            number, has_cache = self.chance.randrange(KEYS), self.chance.random() < 0.97
            async with self.database.transaction(TENANT) as connection:
                version = await connection.fetchval("UPDATE cached_truth SET version = version + 1 WHERE key = $1 RETURNING version", number)
                if has_cache:
                    await self.cache.announce_all(connection, [(key(number), version)])
                else:
                    await notify(connection, key(number), version)
            self.cache.settle(key(number), version)
            self.writes.append((time.monotonic(), number, version))


def key(number: int) -> Key:
    return Key(TENANT, "profile", str(number))


async def main(reader: str, writer: str, redis_url: str, seed: str) -> str:
    """Say `ready`, wait for a line, run, and give the notes."""
    urls = DatabaseUrls("", "", writer, reader, "")
    database = await Database.open(urls, pool_size=10)
    cache = await Cache.open(reader, redis_url, Limits(entries=KEPT))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    run = Run(cache, database, random.Random(seed))  # noqa: S311  # nothing secret
    until = time.monotonic() + RUN_SECONDS
    await asyncio.gather(*(run.read(until) for _ in range(4)), *(run.write(until) for _ in range(2)))
    hits = {tier: counted("factbook_profile_cache_hits_total", kind="profile", tier=tier) for tier in ("process", "shared")}
    await cache.close()
    await database.close()
    return json.dumps({"reads": run.reads, "writes": run.writes, "hits": hits})


if __name__ == "__main__":
    *arguments, notes = sys.argv[1:]
    Path(notes).write_text(asyncio.run(main(*arguments)))
