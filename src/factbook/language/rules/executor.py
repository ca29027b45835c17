"""The executor that needs no network: rules of English, the same answer to the same task, and no word about what they do not know."""

import asyncio
from typing import cast

from factbook.language.failures import Refused
from factbook.language.model import AnswerType, Reply, Task
from factbook.language.rules.definitions import suggest_definitions
from factbook.language.rules.requirements import find_requirements
from factbook.language.rules.values import find_values
from factbook.language.tasks import FindRequirements, FindValues, SuggestDefinitions

_VERSION = "1"
_LONG = 10_000  # characters, at some microseconds each; more are read in a thread, so that the loop goes on with other work


class RulesExecutor:
    """Does every task by rules. Confidence is by rule, too: docs/explanation/language.md says which."""

    @property
    def extractor(self) -> str:
        """What answers say of who gave them."""
        return "rules"

    async def execute(self, task: Task[AnswerType]) -> Reply[AnswerType]:
        """Do the task. `Refused` for one that no rules are made for."""
        is_long = sum(len(source.text) for source in task.sources) > _LONG
        answer = await asyncio.to_thread(_answer, task) if is_long else _answer(task)
        return Reply(cast("AnswerType", answer), self.extractor, _VERSION)


def _answer(task: object) -> object:
    match task:
        case FindValues():
            return find_values(task)
        case FindRequirements():
            return find_requirements(task)
        case SuggestDefinitions():
            return suggest_definitions(task)
        case _:
            raise Refused("no rules are made for this task")
