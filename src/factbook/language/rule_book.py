"""Rules that a domain has for its own tasks: an executor that goes by them, and passes all other tasks on."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, cast

from factbook.language.failures import Refused
from factbook.language.model import Answer, AnswerType, LLMExecutor, Reply, Task

Rule = Callable[[Any], Answer]


class RuleBook:
    """Does the tasks that it has rules for, without a network and always alike. Itself an `LLMExecutor`."""

    extractor = "rules"

    def __init__(self, rules: Mapping[type[Task[Any]], Rule], version: str, otherwise: LLMExecutor | None = None) -> None:
        self._rules = rules
        self._version = version
        self._otherwise = otherwise

    async def execute(self, task: Task[AnswerType]) -> Reply[AnswerType]:
        """Do the task, or have it done. `Refused` for one that nobody is there for."""
        rule = self._rules.get(type(task))
        if rule is not None:
            answer = await asyncio.to_thread(rule, task)  # a long text keeps nobody else waiting
            return Reply(cast("AnswerType", answer), self.extractor, self._version)
        if self._otherwise is None:
            raise Refused("No rules are made for this task.")
        return await self._otherwise.execute(task)
