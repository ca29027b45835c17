"""What an executor of language is asked and how it answers: tasks, the texts they are about, and replies.

A task is asked in the same words of whoever does it: rules without a network, or a model. What a person wrote travels as a `Source`, never as
part of an instruction, and every answer that claims something about a text quotes it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """The structured answer to a task; each task names its own."""

    model_config = ConfigDict(frozen=True)


AnswerType = TypeVar("AnswerType", bound=Answer)
Answered = TypeVar("Answered", bound=Answer, covariant=True)


@dataclass(frozen=True, slots=True)
class Source:
    """A text that a task is about. `id` is how an answer refers to it; `said_at` is when it was said, for words like "tomorrow".

    `by_customer` is false for what an agent said: it may explain an answer ("Which city?" - "Paris") and is never quoted.
    """

    id: str
    text: str
    said_at: datetime | None = None
    by_customer: bool = True


@dataclass(frozen=True, slots=True)
class Task(Generic[AnswerType]):
    """Something to find out from texts. Concrete tasks say the name of their prompt and the shape of their answer."""

    sources: tuple[Source, ...]

    prompt: ClassVar[str]
    answer: ClassVar[type[Answer]]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a reply cost, in tokens; zero for rules."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Reply(Generic[Answered]):
    """An answer, who gave it ("rules" or the model's name), the version of the prompt it was asked with, and its cost."""

    answer: Answered
    extractor: str
    prompt_version: str
    usage: Usage = Usage()


class LLMExecutor(Protocol):
    """Whoever does tasks of language. The rules executor and every model are the same to the code that asks."""

    @property
    def extractor(self) -> str:
        """Who answers: "rules", or the name of the model."""

    async def execute(self, task: Task[AnswerType]) -> Reply[AnswerType]:
        """Do the task. Raises a `LanguageFailure` (failures.py); never answers half."""
