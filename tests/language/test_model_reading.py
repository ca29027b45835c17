"""What a model wrote is read as an answer, or its faults are told without a word of it."""

from typing import Annotated, NoReturn

import pytest
from pydantic import AfterValidator, Field

from factbook.language import Answer
from factbook.language.models.question import Question
from factbook.language.models.reading import NotTheShape, read_answer

CANARY = "canary"


def _repeating(text: str) -> NoReturn:
    raise ValueError(f"{text} will not do")


class Counts(Answer):
    """An answer whose faults could repeat what was written."""

    counts: dict[str, int] = Field(default_factory=dict)
    checked: Annotated[str, AfterValidator(_repeating)] | None = None
    free: dict[str, object] = Field(default_factory=dict)


QUESTION = Question("", "", Counts.model_json_schema(), Counts, {"s1": "own"}, "v1")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (f'{{"counts": {{"{CANARY}": "{CANARY}"}}}}', "counts.?: Input should be a valid integer, unable to parse string as an integer"),
        (f'{{"checked": "{CANARY}"}}', "checked: not a proper value"),
        (f'{{"counts": ["{CANARY}"]}}', "counts: Input should be an object"),
        (f'{{"checked": {{"{CANARY}": 1}}}}', "checked: Input should be a valid string"),
        (f'{{{CANARY}: "{CANARY}"}}', "Invalid JSON: key must be a string at line 1 column 2"),
        (CANARY, "Invalid JSON: expected value at line 1 column 1"),
        ('{"free": {"a": ["\\u0000"]}}', "a text holds the NUL character"),
    ],
)
def test_a_fault_is_told_without_what_was_written(written: str, told: str) -> None:
    with pytest.raises(NotTheShape) as refused:
        read_answer(QUESTION, written)
    assert refused.value.faults == [told]
    assert (refused.value.__cause__, refused.value.__context__) == (None, None)


def test_no_more_faults_are_told_than_help() -> None:
    with pytest.raises(NotTheShape) as refused:
        read_answer(QUESTION, '{"counts": {' + ", ".join(f'"{number}": "?"' for number in range(50)) + "}}")
    assert len(refused.value.faults) == 10


@pytest.mark.parametrize("around", ["{}", "```json\n{}\n```", "Certainly:\n{}\nAnything else?"])
def test_what_stands_around_the_object_is_passed_over(around: str) -> None:
    assert read_answer(QUESTION, around.replace("{}", '{"counts": {"a": 1}}')) == Counts(counts={"a": 1})


def test_open_data_is_taken_as_it_is() -> None:
    free = {"source_id": "s9", "text": "\\u0000 is an escape", "more": [{"source_ids": ["s9"]}]}
    assert read_answer(QUESTION, Counts(free=free).model_dump_json()) == Counts(free=free)
