"""Does several things at once, but never more than so many, and wastes nothing of what was begun."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

Result = TypeVar("Result")


async def side_by_side(works: Sequence[Callable[[], Awaitable[Result]]], at_once: int) -> list[Result]:
    """What each gives, in their order.

    When one fails, no other is begun; those under way go on to their end, and the first failure is raised. A cancellation cancels them.
    """
    given: dict[int, Result] = {}
    waiting = iter(enumerate(works))
    failed = False

    async def go_on() -> None:
        nonlocal failed
        for place, work in waiting:
            try:
                given[place] = await work()
            except Exception:
                failed = True
                raise
            if failed:
                return

    ended = await asyncio.gather(*(go_on() for _ in range(min(at_once, len(works)))), return_exceptions=True)
    for end in ended:
        if end is not None:
            raise end
    return [given[place] for place in range(len(works))]
