"""What computing a persona works with, put together once at the composition root."""

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


@dataclass(frozen=True, slots=True)
class Backend:
    """The database, and who takes notes and composes. `prompt_version` tells by which version of a prompt that one would do a task now."""

    database: Database
    executor: LLMExecutor
    prompt_version: PromptVersion
    _turns: WeakValueDictionary[tuple[UUID, UUID], asyncio.Lock] = field(default_factory=WeakValueDictionary)

    @property
    def recipe(self) -> Recipe:
        """Who would compute a persona now, and by which versions."""
        return Recipe(self.executor.extractor, self.prompt_version(TakeNotes), self.prompt_version(ComposePersona))

    @asynccontextmanager
    async def turn(self, tenant_id: UUID, person_id: UUID) -> AsyncIterator[None]:
        """One computation of a person at a time in this process: who waits finds most of the work done. Others are told apart when they store."""
        key = (tenant_id, person_id)
        lock = self._turns.get(key)
        if lock is None:
            lock = self._turns[key] = asyncio.Lock()
        async with lock:
            yield
