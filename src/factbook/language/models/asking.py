"""One question to a model's server: sent again after failures that may pass, a bounded number of times, and never past the deadline of the task."""

import asyncio
import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pydantic_ai.direct import model_request
from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, ToolCallPart, UserPromptPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.tools import ToolDefinition

from factbook.language.failures import LanguageFailure, OverBudget, Refused
from factbook.language.model import Usage
from factbook.language.models.choice import Limits
from factbook.language.models.metrics import Outcome, count_request, outcome_of
from factbook.language.models.opening import OpenModel
from factbook.language.models.provider_failures import PROVIDER_ERRORS, failure_of, turned_away, wait_asked_for
from factbook.language.models.question import Question
from factbook.language.models.spending import Cost, Spending

_ANSWER = "answer"
_LONGEST_WAIT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class _Failed:
    """A request that failed, and the seconds that the server asked to wait."""

    failure: LanguageFailure
    wait_seconds: float = 0.0


async def ask(model: OpenModel, limits: Limits, prompt: str, question: Question, spending: Spending, deadline: float) -> str:
    """What the model wrote. `deadline` is on the clock of the event loop. Raises a `LanguageFailure`, after retries where these may help."""
    waits = _waits(limits)
    while True:
        with spending.request(question.length) as cost, _counted(prompt, cost) as count:
            came = await _requested(model, question, cost)
            count.outcome = outcome_of(came.failure) if isinstance(came, _Failed) else "answered"
        if isinstance(came, str):
            return came
        wait = max(next(waits, math.inf), came.wait_seconds)
        if not came.failure.retryable or asyncio.get_running_loop().time() + wait >= deadline:
            raise came.failure  # out here, so that it does not carry the library's error along
        await asyncio.sleep(wait)


@dataclass(slots=True)
class _Count:
    outcome: Outcome = "cancelled"


@contextmanager
def _counted(prompt: str, cost: Cost) -> Iterator[_Count]:
    """Count one request, also one that was given up before its answer came."""
    count = _Count()
    try:
        yield count
    finally:
        count_request(prompt, count.outcome, cost.usage)


def _waits(limits: Limits) -> Iterator[float]:
    """Seconds before each further request: twice as long each time, give or take a half, so that many who failed together do not return together."""
    for retry in range(limits.retries):
        yield min(limits.first_wait_seconds * 2**retry, _LONGEST_WAIT_SECONDS) * random.uniform(0.5, 1.5)  # noqa: S311  # guards nothing


async def _requested(model: OpenModel, question: Question, cost: Cost) -> str | _Failed:
    """One request: what the model wrote, or how it failed."""
    asked = ModelRequest(parts=[UserPromptPart(question.message)], instructions=question.instructions)
    try:
        response = await model_request(
            model.model, [asked], model_settings=model.settings, model_request_parameters=_parameters(model, question), instrument=False
        )
    except PROVIDER_ERRORS as error:
        if turned_away(error):
            cost.was_turned_away()
        return _Failed(failure_of(error), wait_asked_for(error))
    cost.was_answered(Usage(response.usage.input_tokens, response.usage.output_tokens))
    return _written(response)


def _parameters(model: OpenModel, question: Question) -> ModelRequestParameters:
    if model.calls_a_tool:
        tool = ToolDefinition(name=_ANSWER, description="Call this with the answer.", parameters_json_schema=question.schema, kind="output")
        return ModelRequestParameters(output_mode="tool", output_tools=[tool], allow_text_output=False)
    shape = OutputObjectDefinition(json_schema=question.schema, name=_ANSWER)
    return ModelRequestParameters(output_mode="native", output_object=shape)


def _written(response: ModelResponse) -> str | _Failed:
    """The JSON text of a response, in whichever of the two ways it came."""
    if response.finish_reason == "content_filter":
        return _Failed(Refused("The model will not speak of this."))
    if response.finish_reason == "length":
        return _Failed(OverBudget("The answer is longer than an answer may be."))
    for part in response.parts:
        if isinstance(part, ToolCallPart):
            return part.args_as_json_str()
    return "".join(part.content for part in response.parts if isinstance(part, TextPart))
