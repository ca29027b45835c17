"""Times what is compared in turns, so that a drift of the machine hits all of it alike."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

# One measured piece of work; it is told the number of its turn.
Work: TypeAlias = Callable[[int], Awaitable[Any]]


async def in_turns(turns: int, *works: Work) -> list[list[float]]:
    """The seconds of each work in each turn, after a warm-up of a tenth of the turns."""
    times: list[list[float]] = [[] for _ in works]
    for turn in range(-(turns // 10), turns):
        for work, kept in zip(works, times, strict=True):
            began = time.perf_counter()
            await work(turn)
            taken = time.perf_counter() - began
            if turn >= 0:
                kept.append(taken)
    return times


async def in_batches(batches: int, size: int, *works: Work) -> list[list[float]]:
    """The seconds of each work, each figure the mean of `size` calls: for what is too short to be timed alone."""

    def batch(work: Work) -> Work:
        async def several(turn: int) -> None:
            for number in range(turn * size, (turn + 1) * size):
                await work(number)

        return several

    return [[seconds / size for seconds in times] for times in await in_turns(batches, *map(batch, works))]


def at(items: Sequence[Any], turn: int) -> Any:
    """The item whose turn it is."""
    return items[turn % len(items)]
