"""What the shared tier refuses, whoever asks in whatever order."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from factbook.cache import Entry, Key
from factbook.cache.envelope import packed, tombstone, unpacked
from factbook.cache.outage import Outage
from factbook.cache.shared import Shared
from factbook.kernel.clock import now
from tests.faults.valkey import Valkey

KEY = Key(UUID(int=1), "profile", "a-name")
EPOCH = 3
LATER = 2**40  # seconds; a deadline that never comes


@pytest.fixture
async def shared(valkey: Valkey) -> AsyncIterator[Shared]:
    """A client that knows which run of the server it speaks to."""
    made = Shared(valkey.url, Outage())
    assert await made.answers()
    yield made
    await made.close()


async def put(shared: Shared, version: int, *, seconds: float = 60.0, put_until: int = LATER) -> None:
    await shared.put(KEY, EPOCH, Entry(version, b"%d" % version), seconds, put_until)


async def held(shared: Shared, epoch: int = EPOCH) -> int | None:
    """The version of the value that is given out."""
    look_up = await shared.look_up(KEY, epoch)
    assert look_up is not None
    return None if look_up.entry is None else look_up.entry.version


async def test_an_older_value_does_not_replace_a_newer_one(shared: Shared) -> None:
    for version in (5, 4, 9, 10):
        await put(shared, version)
        assert await held(shared) == max(5, version)


async def test_a_tombstone_hides_what_is_older_and_refuses_it_from_then_on(shared: Shared) -> None:
    await put(shared, 9)
    assert await shared.bury(KEY, EPOCH, 10)
    assert await held(shared) is None
    await put(shared, 9)
    assert await held(shared) is None
    await put(shared, 10)
    assert await held(shared) == 10


async def test_a_tombstone_leaves_what_is_as_new_as_itself(shared: Shared) -> None:
    await put(shared, 10)
    for version in (9, 10):
        assert await shared.bury(KEY, EPOCH, version)
        assert await held(shared) == 10


async def test_an_older_tombstone_does_not_replace_a_newer_one(shared: Shared) -> None:
    await shared.bury(KEY, EPOCH, 10)
    await shared.bury(KEY, EPOCH, 9)
    await put(shared, 9)
    assert await held(shared) is None


async def test_a_put_past_its_deadline_is_refused(shared: Shared) -> None:
    look_up = await shared.look_up(KEY, EPOCH)
    assert look_up is not None
    await put(shared, 1, put_until=look_up.put_until - 60)
    assert await held(shared) is None
    await put(shared, 1, put_until=look_up.put_until)
    assert await held(shared) == 1


async def test_another_epoch_holds_nothing(shared: Shared) -> None:
    await put(shared, 1)
    assert await held(shared, EPOCH + 1) is None


async def test_a_value_lasts_as_long_as_it_is_told_to(shared: Shared, valkey: Valkey) -> None:
    await put(shared, 1, seconds=1800.0)
    (name,) = valkey.names()
    assert 0 < int(valkey.command("TTL", name).strip(b":\r\n")) <= 1800


async def test_what_a_restarted_server_restores_is_out_of_reach(shared: Shared, valkey: Valkey) -> None:
    await put(shared, 1)
    valkey.command("SAVE")
    await shared.bury(KEY, EPOCH, 2)
    valkey.kill()
    valkey.start()
    assert valkey.names()
    await asyncio.sleep(0.05)  # the event loop sees that the connection is gone, so the client makes a new one by itself
    # The connection to the run of the server that this client knew is gone, and what it asked for is not asked of another run.
    assert await shared.look_up(KEY, EPOCH) is None
    assert await shared.answers()
    assert await held(shared) is None


def test_an_entry_comes_back_as_it_was() -> None:
    for entry in (Entry(0, b""), Entry(2**63 - 1, bytes(range(256)), now() + timedelta(days=1)), Entry(1, b"x", now() - timedelta(days=40_000))):
        assert unpacked(packed(entry)) == entry


@pytest.mark.parametrize("held", [b"", b"v1", tombstone(7), packed(Entry(7, b""))[:-1], b"v9" + packed(Entry(7, b""))[2:], b"v1" + b"\xff" * 60])
def test_anything_else_is_no_entry(held: bytes) -> None:
    assert unpacked(held) is None
