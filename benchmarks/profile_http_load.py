"""Loads HTTP servers in turns over connections that stay open, each with one request under way; a process of its own.

    python -m benchmarks.profile_http_load < PLAN

The plan and the answer are JSON: `Plan` as an object, and by subject how many requests were answered in how many seconds, with their latencies. Every
answer must be a 200.
"""

import asyncio
import dataclasses
import functools
import json
import sys
import time
from typing import Any, cast

import uvloop

from benchmarks.measuring import percentiles

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length: "
_PATIENCE_SECONDS = 20  # beyond the end of a turn


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """A server and what it is asked for, address after address."""

    port: int
    paths: list[str]
    key: str


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """Whom to load, for how many seconds in each turn, over how many connections."""

    subjects: dict[str, Subject]
    turns: int
    seconds: float
    connections: int

    def text(self) -> str:
        """What the load generator reads."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def read(cls, text: str) -> "Plan":
        """The plan in such a text."""
        plan = json.loads(text)
        return cls(**plan | {"subjects": {name: Subject(**subject) for name, subject in plan["subjects"].items()}})


class Turn(asyncio.Protocol):
    """One connection during one turn: a request is sent once the answer to the one before it is whole."""

    def __init__(self, requests: list[bytes], first: int, until: float, latencies: list[float]) -> None:
        self._requests = requests
        self._next = first
        self._until = until
        self._latencies = latencies
        self._received = b""
        self._sent = 0.0
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class is no subclass
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Take in a part of the answer."""
        self._received = self._received + data if self._received else data
        try:
            whole = _is_whole(self._received)
        except ValueError as error:
            self.ended.set_exception(error)
            self._transport.abort()
            return
        if not whole:
            return
        now = time.perf_counter()
        self._latencies.append(now - self._sent)
        self._received = b""
        if now < self._until:
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that the turn is over, or why it could not go on."""
        if self.ended.done():
            return
        if time.perf_counter() < self._until:
            self.ended.set_exception(exc or ConnectionError("the server closed the connection"))
        else:
            self.ended.set_result(None)

    def _ask(self) -> None:
        self._next = (self._next + 1) % len(self._requests)
        self._sent = time.perf_counter()
        self._transport.write(self._requests[self._next])


def _is_whole(received: bytes) -> bool:
    """Whether it is a whole answer. The servers measured write the names of headers in small letters and tell the length of the body."""
    head = received.find(_END_OF_HEAD)
    if head < 0:
        return False
    if not received.startswith(b"HTTP/1.1 200 "):
        raise ValueError(f"not a 200: {received[:200]!r}")
    length = received.index(_LENGTH) + len(_LENGTH)
    return len(received) >= head + len(_END_OF_HEAD) + int(received[length : received.index(b"\r", length)])


async def _load(plan: Plan) -> dict[str, dict[str, Any]]:
    latencies: dict[str, list[float]] = {name: [] for name in plan.subjects}
    seconds = dict.fromkeys(plan.subjects, 0.0)
    for turn in range(-1, plan.turns):
        for name, subject in plan.subjects.items():
            taken, whole = await _turn(subject, plan)
            if turn >= 0:  # the first was for warming up
                latencies[name] += taken
                seconds[name] += whole
    return {name: percentiles(taken) | {"requests_per_second": round(len(taken) / seconds[name])} for name, taken in latencies.items()}


def _itself(turn: Turn) -> Turn:
    return turn


async def _turn(subject: Subject, plan: Plan) -> tuple[list[float], float]:
    loop = asyncio.get_running_loop()
    head = f"HTTP/1.1\r\nHost: 127.0.0.1:{subject.port}\r\nAuthorization: Bearer {subject.key}\r\n\r\n"
    requests = [f"GET {path} {head}".encode() for path in subject.paths]
    latencies: list[float] = []
    began = time.perf_counter()
    until = began + plan.seconds
    apart = max(1, len(requests) // plan.connections)
    turns = [Turn(requests, number * apart % len(requests), until, latencies) for number in range(plan.connections)]
    async with asyncio.timeout(plan.seconds + _PATIENCE_SECONDS):
        await asyncio.gather(*(loop.create_connection(functools.partial(_itself, turn), "127.0.0.1", subject.port) for turn in turns))
        await asyncio.gather(*(turn.ended for turn in turns))
    return latencies, time.perf_counter() - began


def main() -> None:
    print(json.dumps(uvloop.run(_load(Plan.read(sys.stdin.read())))))


if __name__ == "__main__":
    main()
