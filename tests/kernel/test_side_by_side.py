"""Several things at once: in their order, never more than so many, and nothing wasted that was begun."""

import asyncio
from functools import partial

import pytest

from factbook.kernel.side_by_side import side_by_side


class Works:
    """Works that wait until they are told to end, counted while they are under way."""

    def __init__(self, failing: int | None = None) -> None:
        self.failing = failing
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.cancelled: list[int] = []
        self.most_at_once = 0

    async def do(self, number: int) -> int:
        self.begun.append(number)
        self.most_at_once = max(self.most_at_once, len(self.begun) - len(self.ended))
        try:
            for _ in range(3 if number == self.failing else 9 - number % 3):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled.append(number)
            raise
        self.ended.append(number)
        if number == self.failing:
            raise ValueError(f"work {number}")
        return number


async def test_results_stand_in_the_order_of_the_works_and_no_more_are_under_way_than_may_be() -> None:
    works = Works()
    assert await side_by_side([partial(works.do, number) for number in range(20)], 4) == list(range(20))
    assert works.most_at_once == 4
    assert works.ended != list(range(20))


async def test_no_work_gives_nothing() -> None:
    assert await side_by_side([], 4) == []


async def test_after_a_failure_none_is_begun_and_those_under_way_are_ended() -> None:
    works = Works(failing=1)
    with pytest.raises(ValueError, match="work 1"):
        await side_by_side([partial(works.do, number) for number in range(20)], 3)
    assert works.begun == [0, 1, 2]
    assert sorted(works.ended) == [0, 1, 2]


async def test_a_cancellation_ends_those_under_way() -> None:
    works = Works()
    running = asyncio.create_task(side_by_side([partial(works.do, number) for number in range(20)], 3))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert works.cancelled == works.begun == [0, 1, 2]
