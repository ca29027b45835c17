"""The channel and the epoch, by themselves: what may be written and read there, and that no epoch is known before its commit."""

import threading
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import TupleRow

from factbook.cache import Key
from factbook.cache.model import KINDS
from factbook.cache.payload import Changed, EpochRaised, read, written
from factbook.database.urls import DatabaseUrls, Role
from tests.cache.conftest import Caches
from tests.cache.world import World, reads_at_last, until

Session = psycopg.Connection[TupleRow]


@pytest.fixture
def writer(urls: DatabaseUrls) -> Iterator[Session]:
    with psycopg.connect(urls.writer) as session:
        yield session
        session.rollback()


@pytest.fixture
def reader(urls: DatabaseUrls) -> Iterator[Session]:
    with psycopg.connect(urls.reader, autocommit=True) as session:
        yield session


def epoch_of(session: Session, function: str) -> int:
    row = session.execute(f"SELECT {function}()".encode()).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_says_what_was_written(kind: str) -> None:
    for name in ("", "one", "two words", " and spaces "):
        (known,) = [each for each in KINDS if each == kind]
        key = Key(UUID(int=5), known, name)
        assert read(written(key, 2**62)) == Changed(key, 2**62)
    assert read("epoch 12") == EpochRaised(12)


@pytest.mark.parametrize(
    "text", ["", "epoch", "epoch x", "key", "key 1", "key 1 profile", "key x profile 0 a", f"key 1 other {UUID(int=0)} a", "word 1"]
)
def test_anything_else_is_no_message(text: str) -> None:
    assert read(text) is None


def test_each_raise_gives_a_higher_epoch(writer: Session, reader: Session) -> None:
    first = epoch_of(reader, "tell_cache_epoch")
    raised = epoch_of(writer, "raise_cache_epoch")
    writer.commit()
    assert raised > first
    assert epoch_of(reader, "tell_cache_epoch") == raised


def test_an_epoch_is_not_told_before_the_transaction_that_raised_it_has_ended(writer: Session, reader: Session) -> None:
    raised = epoch_of(writer, "raise_cache_epoch")
    told: list[int] = []
    waiting = threading.Thread(target=lambda: told.append(epoch_of(reader, "tell_cache_epoch")))
    waiting.start()
    while not writer.execute("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").rowcount:
        assert waiting.is_alive()
    assert told == []
    writer.commit()
    waiting.join()
    assert told == [raised]


def test_a_reader_raises_the_epoch_only_when_it_asks_for_a_writing_transaction(reader: Session) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        reader.execute("SELECT raise_cache_epoch()")
    reader.execute("SET TRANSACTION READ WRITE; SELECT raise_cache_epoch()")


@pytest.mark.parametrize("role", [Role.WRITER, Role.READER])
@pytest.mark.parametrize("statement", ["SELECT setval('cache_epoch', 1)", "SELECT nextval('cache_epoch')", "SELECT last_value FROM cache_epoch"])
def test_nobody_reaches_the_number_itself(urls: DatabaseUrls, role: Role, statement: str) -> None:
    with psycopg.connect(urls.of_role(role)) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute(b"SET TRANSACTION READ WRITE; " + statement.encode())


async def test_a_newcomer_makes_all_others_use_the_epoch_that_it_uses(caches: Caches, writer: Session) -> None:
    """A raise that was taken back leaves a number that nobody has heard of."""
    first = await caches.open()
    epoch_of(writer, "raise_cache_epoch")
    writer.rollback()
    second = await caches.open()
    await until(lambda: first._sharing.epoch == second._sharing.epoch, "the two to agree")


async def test_a_writer_that_raises_the_epoch_at_the_same_time_as_another_does_not_stop_anybody(
    caches: Caches, world: World, writer: Session
) -> None:
    cache = await caches.open()
    epoch_of(writer, "raise_cache_epoch")
    assert await world.read(cache) == 1
    writer.commit()
    await world.write(None)
    await reads_at_last(world, cache, 2)
