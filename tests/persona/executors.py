"""Who does tasks of language in tests: rules that count, fail or wait, and a stand-in for a model that says what it is told to."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from factbook.database.pools import Database
from factbook.language import Answer, LanguageFailure, LLMExecutor, Reply, RuleBook, Task
from factbook.language.model import AnswerType
from factbook.persona import Backend
from factbook.persona.reading import RULES, RULES_VERSION

MODEL = "stand-in:model"


@dataclass
class Watched:
    """Rules, with every task counted by its prompt. `failing` is raised in place of the tasks of a prompt, `waiting` is awaited before each."""

    executor: LLMExecutor = field(default_factory=lambda: RuleBook(RULES, RULES_VERSION))
    tasks: Counter[str] = field(default_factory=Counter)
    failing: dict[str, LanguageFailure] = field(default_factory=dict)
    waiting: Callable[[Task[Any]], Any] | None = None

    @property
    def extractor(self) -> str:
        return self.executor.extractor

    async def execute(self, task: Task[AnswerType]) -> Reply[AnswerType]:
        self.tasks[task.prompt] += 1
        if self.waiting is not None:
            await self.waiting(task)
        if task.prompt in self.failing:
            raise self.failing[task.prompt]
        return await self.executor.execute(task)


@dataclass
class StandIn:
    """Says what it is told to say, as a model could: `says` makes an answer of a task."""

    says: Callable[[Task[Any]], Answer]
    extractor: str = MODEL
    prompt_version: str = "v1"

    async def execute(self, task: Task[AnswerType]) -> Reply[AnswerType]:
        await asyncio.sleep(0)
        return Reply(cast("AnswerType", self.says(task)), self.extractor, self.prompt_version)


def backend_on(database: Database, executor: LLMExecutor, version: str = RULES_VERSION) -> Backend:
    """A backend as another process would have it, with this executor."""
    return Backend(database, executor, lambda _task: version)
