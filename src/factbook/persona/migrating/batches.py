"""Cuts a source into batches, each for one transaction, every row judged. The next batch is read while the database works on the present one."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from factbook.kernel import clock
from factbook.kernel.read_ahead import read_ahead
from factbook.persona.migrating.files import ENDINGS, SourceUnreadableError, rows_in_file
from factbook.persona.migrating.model import RawRow, Refusal, Row
from factbook.persona.migrating.row_rules import row_of
from factbook.persona.migrating.source_queries import old_table

# A batch is full with so many rows, or with so many characters of texts and personas, whichever comes first.
ROWS = 1000
CHARACTERS = 4 * 1024 * 1024

_DSN_BEGINNINGS = ("postgresql://", "postgres://")


@dataclass(slots=True)
class Batch:
    """Rows that stand together in the source. `position` is how much of the source was read by its end: bytes of a file, rows of a table."""

    rows: list[Row] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    position: int = 0
    _characters: int = 0

    @property
    def is_full(self) -> bool:
        """Whether it is large enough for a transaction."""
        return len(self.rows) + len(self.refusals) >= ROWS or self._characters >= CHARACTERS

    def add(self, raw: RawRow) -> None:
        """Judge the row and keep it, or the reason why not."""
        row = row_of(raw, clock.now())
        if isinstance(row, Row):
            self.rows.append(row)
            self._characters += len(row.raw_text) + len(row.persona)
        else:
            self.refusals.append(row)


@dataclass(frozen=True, slots=True)
class Source:
    """An open source: its size, in bytes of a file or rows of a table, and its batches."""

    size: int
    counts_bytes: bool
    batches: AsyncIterator[Batch]


@asynccontextmanager
async def opened_source(text: str) -> AsyncIterator[Source]:
    """The source that the text names: a DSN, or a file whose ending says what it is. Raises SourceUnreadableError."""
    if text.startswith(_DSN_BEGINNINGS):
        async with old_table(text) as table, aclosing(_batches_of_table(table.rows())) as batches:
            yield Source(await table.count(), counts_bytes=False, batches=batches)
        return
    path = Path(text)
    if path.suffix.lower() not in ENDINGS:
        raise SourceUnreadableError(f"The source is neither a DSN (postgresql://...) nor a file that ends in {', '.join(ENDINGS)}.")
    file = await asyncio.to_thread(path.open, "rb")
    with file:
        size = await asyncio.to_thread(lambda: path.stat().st_size)
        async with aclosing(read_ahead(_batches_of_file(path, file))) as batches:
            yield Source(size, counts_bytes=True, batches=batches)


async def _batches_of_table(rows: AsyncIterator[RawRow]) -> AsyncGenerator[Batch]:
    batch, read = Batch(), 0
    async for raw in rows:
        batch.add(raw)
        read += 1
        if batch.is_full:
            batch.position = read
            yield batch
            batch = Batch()
    batch.position = read
    yield batch


def _batches_of_file(path: Path, file: BinaryIO) -> Iterator[Batch]:
    batch = Batch()
    for raw in rows_in_file(path, file):
        batch.add(raw)
        if batch.is_full:
            batch.position = file.tell()
            yield batch
            batch = Batch()
    batch.position = file.tell()
    yield batch
