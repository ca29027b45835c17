"""What computing a persona works with, put together once at the composition root, and how long one call may take of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

from factbook.database.pools import Database
from factbook.language import LLMExecutor, Task
from factbook.persona.computing.model import Recipe
from factbook.persona.computing.tasks import ComposePersona, TakeNotes

PromptVersion = Callable[[type[Task[Any]]], str]


class TookTooLongError(Exception):
    """A call may not compute any longer. Notes that were taken are kept."""


@asynccontextmanager
async def until(deadline: float | None) -> AsyncIterator[None]:
    """Raises `TookTooLongError` once the event loop's clock shows the deadline; never without one."""
    try:
        async with asyncio.timeout_at(deadline) as limit:
            yield
    except TimeoutError:
        if limit.expired():
            raise TookTooLongError from None
        raise


@dataclass(frozen=True, slots=True)
class Backend:
    """The database, and who takes notes and composes. `prompt_version` tells by which version of a prompt that one would do a task now.

    `seconds` is how long one call may compute; None for as long as it takes.
    """

    database: Database
    executor: LLMExecutor
    prompt_version: PromptVersion
    seconds: float | None = None
    _turns: WeakValueDictionary[tuple[UUID, UUID], asyncio.Lock] = field(default_factory=WeakValueDictionary)

    @property
    def recipe(self) -> Recipe:
        """Who would compute a persona now, and by which versions."""
        return Recipe(self.executor.extractor, self.prompt_version(TakeNotes), self.prompt_version(ComposePersona))

    def deadline(self) -> float | None:
        """When a call that begins now has to be done, by the event loop's clock."""
        return None if self.seconds is None else asyncio.get_running_loop().time() + self.seconds

    @asynccontextmanager
    async def turn(self, tenant_id: UUID, person_id: UUID, deadline: float | None = None) -> AsyncIterator[None]:
        """One computation of a person at a time in this process: who waits finds most of the work done. Others are told apart when they store.

        Raises `TookTooLongError` when the turn does not come in time.
        """
        key = (tenant_id, person_id)
        lock = self._turns.get(key)
        if lock is None:
            lock = self._turns[key] = asyncio.Lock()
        async with until(deadline):
            await lock.acquire()
        try:
            yield
        finally:
            lock.release()
