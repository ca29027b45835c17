"""Names are looked up in threads of their own: a resolver that does not answer keeps nobody waiting who asks for something else."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from factbook.persona import PageFetcher
from factbook.persona.fetching.failures import FetchFailed, FetchFailure
from factbook.persona.fetching.network import LOOK_UPS_AT_ONCE, LookUps

PATIENCE_SECONDS = 60.0
MANY = 3 * LOOK_UPS_AT_ONCE


class Resolver:
    """The system's resolver, which answers nothing for names that end in `.slow` until it is told to."""

    def __init__(self) -> None:
        self.own = socket.getaddrinfo
        self.answering = threading.Event()
        self.asked: list[str] = []

    def getaddrinfo(self, host: str, *more: Any, **options: Any) -> Any:
        if not host.endswith(".slow"):
            return self.own(host, *more, **options)
        self.asked.append(host)
        assert self.answering.wait(PATIENCE_SECONDS)
        raise socket.gaierror("no such host")


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    made = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", made.getaddrinfo)
    yield made
    made.answering.set()


async def until_asked(resolver: Resolver, times: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(resolver.asked) < times:  # noqa: ASYNC110  # threads tell no event loop
            await asyncio.sleep(0.01)


async def test_a_resolver_that_does_not_answer_keeps_no_other_work_waiting(resolver: Resolver) -> None:
    look_ups = LookUps()
    waiting = [asyncio.create_task(look_ups.addresses_of(f"host-{number}.slow", 80)) for number in range(MANY)]
    await until_asked(resolver, LOOK_UPS_AT_ONCE)
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await asyncio.to_thread(lambda: "done") == "done"
        assert await asyncio.get_running_loop().getaddrinfo("127.0.0.1", 80)
    assert len(resolver.asked) == LOOK_UPS_AT_ONCE
    assert not any(task.done() for task in waiting)
    resolver.answering.set()
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(each) for each in ended} == {socket.gaierror}
    assert len(resolver.asked) == MANY


async def test_who_gives_up_is_not_looked_up_later(resolver: Resolver) -> None:
    fetcher = PageFetcher(seconds=0.2)
    failures = await fetcher.texts([f"http://host-{number}.slow/" for number in range(MANY)])
    assert {each.failure for each in failures if isinstance(each, FetchFailed)} == {FetchFailure.TIMED_OUT}
    assert len(failures) == MANY
    resolver.answering.set()
    fetcher.close()
    assert len(resolver.asked) <= LOOK_UPS_AT_ONCE
