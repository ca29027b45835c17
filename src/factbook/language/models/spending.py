"""Tokens that a task and a process may spend: estimated before each request, counted after it. Nothing is asked that might cost too much."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from factbook.language.failures import OverBudget, RateLimited
from factbook.language.model import Usage

# Few scripts need more than a token for three bytes of UTF-8, and English needs about one for four: on the safe side, since models count differently.
BYTES_PER_TOKEN = 3
HOUR_SECONDS = 3600.0


def estimated_tokens(length: int) -> int:
    """Tokens for as many bytes."""
    return -(-length // BYTES_PER_TOKEN)


@dataclass(slots=True)
class HourlyTokens:
    """What a process has spent in the last hour. Requests under way count as what they may cost at most."""

    most: int | None
    clock: Callable[[], float] = time.monotonic
    _spent: deque[tuple[float, int]] = field(default_factory=deque)
    _reserved: int = 0

    def reserve(self, tokens: int) -> None:
        """Set tokens aside. `RateLimited` when that is more than the hour has left: later it may work."""
        while self._spent and self._spent[0][0] <= self.clock() - HOUR_SECONDS:
            self._spent.popleft()
        if self.most is not None and tokens + self._reserved + sum(spent for _, spent in self._spent) > self.most:
            raise RateLimited("This process has spent the tokens that it may spend in an hour.")
        self._reserved += tokens

    def settle(self, reserved: int, spent: int) -> None:
        """Give back what was set aside, and record what was spent of it."""
        self._reserved -= reserved
        self._spent.append((self.clock(), spent))


@dataclass(slots=True)
class Cost:
    """What a request may cost at most, and what it turned out to cost. As long as nothing else is known, its input may have been read."""

    most: int
    spent: int
    usage: Usage = field(default_factory=Usage)

    def was_answered(self, usage: Usage) -> None:
        """The server counted these tokens. One that counts none leaves the estimate."""
        self.usage = usage
        self.spent = usage.input_tokens + usage.output_tokens or self.spent

    def was_turned_away(self) -> None:
        """The server answered with an error, or was never reached: nothing was read."""
        self.spent = 0


@dataclass(slots=True)
class Spending:
    """What one task has spent, and may spend."""

    task_tokens: int
    output_tokens: int
    hourly: HourlyTokens
    usage: Usage = field(default_factory=Usage)
    _spent: int = 0

    @contextmanager
    def request(self, length: int) -> Iterator[Cost]:
        """Around one request of as many bytes. `OverBudget` or `RateLimited` before it is made; the caller tells the cost what came."""
        estimated = estimated_tokens(length)
        cost = Cost(estimated + self.output_tokens, estimated)
        if self._spent + cost.most > self.task_tokens:
            raise OverBudget("The task might cost more tokens than a task may cost.")
        self.hourly.reserve(cost.most)
        try:
            yield cost
        finally:
            self.hourly.settle(cost.most, cost.spent)
            self._spent += cost.spent
            self.usage = Usage(self.usage.input_tokens + cost.usage.input_tokens, self.usage.output_tokens + cost.usage.output_tokens)

    def check(self) -> None:
        """`OverBudget` when the task has cost more than it may: the estimate was too low, or the model wrote more than it was allowed to."""
        if self._spent > self.task_tokens:
            raise OverBudget("The task has cost more tokens than a task may cost.")
