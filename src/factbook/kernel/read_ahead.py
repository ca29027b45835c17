"""Makes the next batch in a thread while the database works on the present one."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import TypeVar

T = TypeVar("T")


async def read_ahead(batches: Iterator[T]) -> AsyncGenerator[T]:
    """The batches, in order, always one further read than given out. Close it (`contextlib.aclosing`) before what the batches are read from."""
    coming = _start(batches)
    try:
        # Shielded: a cancelled run must not mistake a thread that still reads for one that has ended.
        while (batch := await asyncio.shield(coming)) is not None:
            coming = _start(batches)
            yield batch
    finally:
        # A thread cannot be stopped: wait for it, so that nothing reads the file once the caller closes it. Its failure was raised above,
        # or comes after the failure that ends this.
        await asyncio.wait([coming])
        coming.cancelled() or coming.exception()


def _start(batches: Iterator[T]) -> "asyncio.Task[T | None]":
    return asyncio.create_task(asyncio.to_thread(next, batches, None))
