"""Does tasks of language with a model: one question, one repair of an answer of the wrong shape, everything bounded in time, attempts and tokens."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import cast

import structlog

from factbook.language.failures import LanguageFailure, Unreachable, UnusableAnswer
from factbook.language.model import Answer, AnswerType, Reply, Task
from factbook.language.models.asking import ask
from factbook.language.models.choice import Limits
from factbook.language.models.metrics import Outcome, count_task, outcome_of
from factbook.language.models.opening import OpenModel
from factbook.language.models.question import Question, question_about
from factbook.language.models.reading import NotTheShape, read_answer
from factbook.language.models.spending import HourlyTokens, Spending

log = structlog.get_logger()


class ModelExecutor:
    """An `LLMExecutor` on a model. It believes nothing: whether a text states an answer is for the gate around it to judge."""

    def __init__(self, extractor: str, model: OpenModel, limits: Limits) -> None:
        self._extractor = extractor
        self._model = model
        self._limits = limits
        self._hourly = HourlyTokens(limits.hourly_tokens)

    @property
    def extractor(self) -> str:
        """The model, as `provider:name`."""
        return self._extractor

    async def execute(self, task: Task[AnswerType]) -> Reply[AnswerType]:
        """Do the task. Raises a `LanguageFailure`; `LookupError` for a task without a prompt."""
        question = question_about(task)
        spending = Spending(self._limits.task_tokens, self._limits.output_tokens, self._hourly)
        with _counted(task.prompt):
            answer = await self._in_time(task.prompt, question, spending)
            spending.check()
            return Reply(cast("AnswerType", answer), self._extractor, question.prompt_version, spending.usage)

    async def _in_time(self, prompt: str, question: Question, spending: Spending) -> Answer:
        deadline = asyncio.get_running_loop().time() + self._limits.seconds
        try:
            async with asyncio.timeout_at(deadline):
                return await self._answer(prompt, question, spending, deadline)
        except TimeoutError:
            pass
        raise Unreachable("The model did not answer in time.")

    async def _answer(self, prompt: str, question: Question, spending: Spending, deadline: float) -> Answer:
        written = await ask(self._model, self._limits, prompt, question, spending, deadline)
        try:
            return read_answer(question, written)
        except NotTheShape as shape:
            faults = shape.faults
        spending.check()
        written = await ask(self._model, self._limits, prompt, question.again(faults), spending, deadline)
        with suppress(NotTheShape):
            return read_answer(question, written)
        raise UnusableAnswer("The model twice gave an answer of another shape than was asked for.")


@contextmanager
def _counted(prompt: str) -> Iterator[None]:
    """Count the task by what came of it, and log it when it failed."""
    outcome: Outcome = "broken"
    started = time.monotonic()
    try:
        yield
        outcome = "answered"
    except LanguageFailure as failure:
        outcome = outcome_of(failure)
        log.warning("model_task_failed", prompt=prompt, outcome=outcome)
        raise
    except asyncio.CancelledError:
        outcome = "cancelled"
        raise
    finally:
        count_task(prompt, outcome, time.monotonic() - started)
