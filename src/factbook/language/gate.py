"""The gate around whoever answers: nothing leaves it that no text states.

A value leaves only with words of a customer that hold it; a requirement only with words of the text it was found in. Whether words hold a value is
decided here, in code, by the value's type, and never by the one who found it. Source: decision 14. A bad answer is dropped and counted, never raised.
"""

from dataclasses import replace
from typing import TypeVar, cast

from prometheus_client import Counter

from factbook.language.evidence import holds_value, is_quoted
from factbook.language.model import AnswerType, LLMExecutor, Reply, Task
from factbook.language.rules.guessing import as_read
from factbook.language.tasks import (
    FindRequirements,
    FindValues,
    FoundRequirement,
    FoundRequirements,
    FoundValue,
    FoundValues,
    SuggestDefinitions,
    SuggestedDefinition,
    SuggestedDefinitions,
)

DROPPED = Counter("factbook_language_answers_dropped_total", "Parts of answers that no text supports, by task.", ["task"])

AnyPart = TypeVar("AnyPart", FoundValue, FoundRequirement, SuggestedDefinition)


class Gated:
    """Another executor whose unsupported answers never come out. Itself an `LLMExecutor`."""

    def __init__(self, executor: LLMExecutor) -> None:
        self._executor = executor

    @property
    def extractor(self) -> str:
        """Who answers behind the gate."""
        return self._executor.extractor

    async def execute(self, task: Task[AnswerType]) -> Reply[AnswerType]:
        """Have the task done, and keep of the answer what the texts support."""
        reply = await self._executor.execute(task)
        return replace(reply, answer=cast("AnswerType", supported(task, reply.answer)))


def supported(task: Task[AnswerType], answer: object) -> object:
    """The answer without what the task's texts do not support. An answer of the wrong shape holds nothing."""
    match task, answer:
        case FindValues(), FoundValues():
            return FoundValues(values=_counted(task, answer.values, _values_that_stand(task, answer)))
        case FindRequirements(), FoundRequirements():
            texts = {source.id: source.text for source in task.sources}
            kept = [field for field in answer.fields if is_quoted(field.quote, texts.get(field.source_id))]
            return FoundRequirements(fields=_counted(task, answer.fields, kept))
        case SuggestDefinitions(), SuggestedDefinitions():
            asked = {field.name for field in task.fields}
            return SuggestedDefinitions(definitions=_counted(task, answer.definitions, [d for d in answer.definitions if d.name in asked]))
        case FindValues() | FindRequirements() | SuggestDefinitions(), _:
            DROPPED.labels(task.prompt).inc()
            return _nothing(task)
        case _:
            return answer


def _nothing(task: FindValues | FindRequirements | SuggestDefinitions) -> object:
    match task:
        case FindValues():
            return FoundValues(values=[])
        case FindRequirements():
            return FoundRequirements(fields=[])
        case SuggestDefinitions():
            return SuggestedDefinitions(definitions=[])


def _counted(task: FindValues | FindRequirements | SuggestDefinitions, given: list[AnyPart], kept: list[AnyPart]) -> list[AnyPart]:
    DROPPED.labels(task.prompt).inc(len(given) - len(kept))
    return kept


def _values_that_stand(task: FindValues, answer: FoundValues) -> list[FoundValue]:
    """The values that their quotes support, at most one for each field: the surest, and of equally sure ones the first.

    A field of which only the name is known may hold a value of the type that the name suggests.
    """
    fields = {field.name: field for field in task.fields}
    said = {source.id: source for source in task.sources if source.by_customer}
    best: dict[str, FoundValue] = {}
    for found in answer.values:
        field, source = fields.get(found.field_name), said.get(found.source_id)
        if (
            field is None
            or source is None
            or not is_quoted(found.quote, source.text)
            or not any(holds_value(found.quote, found.value, each, source.said_at) for each in (field, as_read(field)))
        ):
            continue
        if found.field_name not in best or best[found.field_name].confidence < found.confidence:
            best[found.field_name] = found
    return [found for found in answer.values if best.get(found.field_name) is found]
