"""What a model wrote, read as the answer that was asked for, or told what is wrong with it in words that repeat nothing of it. Pure."""

import re

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from factbook.language.model import Answer
from factbook.language.models.question import Question
from factbook.language.models.source_names import renamed

_FAULTS_TOLD = 10
# An escaped NUL in JSON, which is not the text of such an escape.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
# Kinds of fault whose messages may repeat what was written.
_REPEATING = frozenset({"value_error", "assertion_error", "union_tag_invalid"})


class NotTheShape(Exception):
    """What a model wrote is not the answer that was asked for. `faults` say why, without anything that was written."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def read_answer(question: Question, written: str) -> Answer:
    """The answer, about the task's own sources. Text around the JSON object, such as a Markdown fence, is passed over. Raises `NotTheShape`."""
    text = written[written.find("{") : written.rfind("}") + 1]
    faults: list[str] = []
    try:
        answer = question.answer.model_validate_json(text or written)
    except ValidationError as error:
        faults = [_told(each, question) for each in error.errors(include_url=False, include_context=False, include_input=False)]
    if faults:  # raised out here, so that the error does not carry the one that holds what was written
        raise NotTheShape(faults[:_FAULTS_TOLD])
    if _NUL.search(answer.model_dump_json()):
        raise NotTheShape(["a text holds the NUL character"])
    return _about_own_sources(question, answer)


def _about_own_sources(question: Question, answer: Answer) -> Answer:
    unknown: list[str] = []

    def own_id(name: str) -> str:
        if name not in question.ids:
            unknown.append(name)
        return question.ids.get(name, name)

    own: Answer = renamed(answer, own_id)
    if unknown:
        raise NotTheShape([f"a source is named that is not among {', '.join(question.ids)}"])
    return own


def _told(error: ErrorDetails, question: Question) -> str:
    """Where and what is wrong. Names that are not in the schema were made up by the model, from whatever it read, and are left out."""
    where = ".".join(str(part) if isinstance(part, int) or f"'{part}'" in str(question.schema) else "?" for part in error["loc"])
    what = "not a proper value" if error["type"] in _REPEATING else error["msg"]
    return f"{where}: {what}" if where else what
