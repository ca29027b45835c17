"""A task put into words for a model: instructions, one message with all else as fenced data, and the shape of the answer. Pure but for the nonce.

Sources are called s1, s2, ... towards the model: ids of ours may be long, and may hold anything. The answer may refer to no others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from pydantic import JsonValue
from pydantic_core import to_jsonable_python

from factbook.language.model import Answer, Source, Task
from factbook.language.models.fence import fenced_json, new_nonce
from factbook.language.models.prompt_files import prompt_named
from factbook.language.models.source_names import MANY_SOURCES, ONE_SOURCE, renamed

_REPAIR = "An answer that was given before did not have the shape that is asked for. Give one that has. What was wrong:"
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Question:
    """What is sent to a model. `schema` is the JSON Schema of the answer; `ids` are the sources' own ids by what the model calls them."""

    instructions: str
    message: str
    schema: dict[str, Any]
    answer: type[Answer]
    ids: Mapping[str, str]
    prompt_version: str

    @property
    def length(self) -> int:
        """Bytes that the model reads. Some models are shown the schema twice: as what binds the answer, and as a text."""
        return len(f"{self.instructions}{self.message}{self.schema}{self.schema}".encode())

    def again(self, faults: Sequence[str]) -> "Question":
        """The question once more, after an answer with these faults. The answer itself is not shown again: it may hold what a customer wrote."""
        told = "\n".join(f"- {fault}" for fault in faults)
        return replace(self, message=f"{self.message}\n{_REPAIR}\n{told}\n")


def question_about(task: Task[Any]) -> Question:
    """The task as a question. Every field of the task beside its sources travels as data under its own name. `LookupError`: it has no prompt."""
    prompt = prompt_named(task.prompt)
    names = {source.id: f"s{number}" for number, source in enumerate(task.sources, start=1)}
    data: dict[str, JsonValue] = {"sources": [_source(source, names[source.id]) for source in task.sources]}
    for each in fields(task):
        if each.name != "sources":
            data[each.name] = _told(to_jsonable_python(renamed(getattr(task, each.name), lambda own: names.get(own, own))))
    return Question(
        prompt.instructions,
        prompt.message(new_nonce(), fenced_json(data)),
        _answer_schema(task.answer, list(names.values())),
        task.answer,
        {name: own_id for own_id, name in names.items()},
        prompt.version,
    )


def _told(data: JsonValue) -> JsonValue:
    """The data without what is not set: nulls and empty lists would cost tokens and say nothing."""
    match data:
        case dict():
            return {name: _told(value) for name, value in data.items() if value is not None and value != []}
        case list():
            return [_told(each) for each in data]
        case _:
            return data


def _source(source: Source, name: str) -> JsonValue:
    said: dict[str, JsonValue] = {"id": name, "by_customer": source.by_customer}
    if source.said_at is not None:
        said["said_at"] = f"{source.said_at.isoformat(timespec='minutes')}, {_WEEKDAYS[source.said_at.weekday()]}"
    return said | {"text": source.text}


def _answer_schema(answer: type[Answer], names: Sequence[str]) -> dict[str, Any]:
    """The JSON Schema of the answer, in which only these names stand for sources."""
    schema = answer.model_json_schema()
    for part in _parts(schema):
        part.pop("title", None)
        held = part.get("properties", {})
        if names and ONE_SOURCE in held:
            held[ONE_SOURCE] = {"type": "string", "enum": list(names)}
        if names and MANY_SOURCES in held:
            held[MANY_SOURCES] = {"type": "array", "items": {"type": "string", "enum": list(names)}}
    return schema


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema within a schema, itself included."""
    if not isinstance(schema, dict):
        return
    yield schema
    for keyword, inner in schema.items():
        if keyword in ("properties", "$defs"):
            inner = list(inner.values())
        for each in inner if isinstance(inner, list) else [inner]:
            yield from _parts(each)
