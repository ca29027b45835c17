"""The tier that processes share, in Redis or Valkey. It is never needed and never believed without proof; nothing here raises.

The name of everything it holds begins with the identity of the server's run and with the epoch. After a restart, or once the epoch is
raised, whatever was stored before is out of reach, whether the server kept it or not.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from redis.asyncio import BlockingConnectionPool, Connection, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from factbook.cache import scripts
from factbook.cache.envelope import packed, tombstone, unpacked, version_digits
from factbook.cache.metrics import Operation
from factbook.cache.model import Entry, Key
from factbook.cache.outage import Outage

ANSWER_SECONDS = 0.05
_CONNECTIONS = 16
# A put must reach the server this long after the look-up that missed. A tombstone outlives that together with the longest commit, which
# PostgreSQL's statement_timeout ends after 60 seconds.
_PUT_WITHIN_SECONDS = 10
_TOMBSTONE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class LookUp:
    """What the shared tier answered: an entry or None, the epoch asked under, and the second of its own clock until which a put may follow."""

    entry: Entry | None
    epoch: int
    put_until: int


class Shared:
    """One server. A failure opens an outage, during which it is not asked at all."""

    def __init__(self, url: str, outage: Outage) -> None:
        self._outage = outage
        self._run: str | None = None  # the server's identity since its start
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            timeout=None,  # the time-out around each command covers the wait for a connection, too
            protocol=2,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
            redis_connect_func=self._greet,
            driver_info=None,
        )
        self._client: Redis = Redis.from_pool(pool)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def look_up(self, key: Key, epoch: int) -> LookUp | None:
        """What is held under the key; None for no answer."""
        answer = await self._run_script("get", scripts.LOOK_UP, self._name(key, epoch))
        if answer is None:
            return None
        held, clock = answer
        return LookUp(unpacked(held) if held is not None else None, epoch, int(clock) + _PUT_WITHIN_SECONDS)

    async def put(self, key: Key, epoch: int, entry: Entry, seconds: float, put_until: int) -> None:
        """Hold the entry for so many seconds, unless something newer is held or known to be coming."""
        milliseconds = max(1, int(seconds * 1000))
        await self._run_script(
            "set", scripts.PUT, self._name(key, epoch), version_digits(entry.version), packed(entry), b"%d" % milliseconds, b"%d" % put_until
        )

    async def bury(self, key: Key, epoch: int, version: int) -> bool:
        """Whether nothing older than `version` can be had under the key from now on."""
        answer = await self._run_script(
            "invalidate", scripts.BURY, self._name(key, epoch), version_digits(version), tombstone(version), b"%d" % _TOMBSTONE_SECONDS
        )
        return answer is not None

    async def answers(self) -> bool:
        """Whether the server answers. Its identity is known afterwards; after a restart the first attempt fails because of it."""
        return await self._ping() or await self._ping()

    async def _ping(self) -> bool:
        try:
            await self._command("PING")
        except Exception:  # noqa: BLE001  # as below
            return False
        return True

    def _name(self, key: Key, epoch: int) -> str:
        return f"factbook:{self._run}:{epoch}:{key.kind}:{key.tenant_id}:{key.name}"

    async def _run_script(self, operation: Operation, script: str, name: str, *arguments: bytes) -> Any | None:
        """The script's answer, or None when there is none."""
        try:
            return await self._command("EVAL", script, 1, name, *arguments)
        except Exception as error:  # noqa: BLE001  # no request may fail because the client library stumbles over a broken connection
            self._outage.begin(operation, error)
            return None

    async def _command(self, *words: str | bytes | int) -> Any:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await self._client.execute_command(*words)  # type: ignore[no-untyped-call]  # redis-py leaves it untyped

    async def _greet(self, connection: Connection) -> None:
        """Begin a connection. One to another run of the server fails, because the command it was made for has a name of the old run."""
        try:
            await connection.on_connect()
            await connection.send_command("INFO", "server", check_health=False)
            run = _run_id(await connection.read_response())
            if run != self._run:
                known, self._run = self._run, run
                if known is not None:
                    raise RedisConnectionError("the server was restarted")
        except BaseException:
            # A connection that is left open half-way would be taken for one that has been greeted.
            await connection.disconnect(nowait=True)
            raise


def _run_id(information: bytes) -> str:
    for line in information.decode().splitlines():
        name, _, value = line.partition(":")
        if name == "run_id" and value:
            return value
    raise RedisConnectionError("the server does not tell its run_id")
