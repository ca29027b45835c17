"""The two tasks of language that make a persona. A model is asked with `take_notes` and `compose_persona` of its prompts, rules go by `reading`."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from pydantic import Field

from factbook.language import Answer, Task
from factbook.persona.computing.document import LONGEST_LEAF
from factbook.persona.computing.leaves import Leaf
from factbook.persona.model import Demographics

Claim = Annotated[str, Field(min_length=1, max_length=LONGEST_LEAF)]


class TakenNote(Answer):
    """Something that the text says of the person. `quote` is an exact part of the source with this id."""

    path: Leaf
    text: Claim
    source_id: str
    quote: str


class TakenNotes(Answer):
    """Every note that the text gives rise to, in its order."""

    notes: list[TakenNote]


@dataclass(frozen=True, slots=True)
class TakeNotes(Task[TakenNotes]):
    """Take notes of the person from one submission, or from one piece of a long one: the only source."""

    prompt: ClassVar[str] = "take_notes"
    answer: ClassVar[type[Answer]] = TakenNotes


class ComposedStatement(Answer):
    """A text for one leaf of the persona, resting on the notes with these ids."""

    path: Leaf
    text: Claim
    source_ids: list[str]


class ComposedPersona(Answer):
    """The statements of the persona: at most one for a leaf that holds one text, any number for a list."""

    statements: list[ComposedStatement]


@dataclass(frozen=True, slots=True)
class ComposePersona(Task[ComposedPersona]):
    """Put a persona together. The sources are notes, each a line as `note_line` writes it; `demographics` are certain."""

    demographics: Demographics = field(default_factory=Demographics)

    prompt: ClassVar[str] = "compose_persona"
    answer: ClassVar[type[Answer]] = ComposedPersona


def note_line(leaf: Leaf, text: str) -> str:
    """A note as a source of `ComposePersona`."""
    return f"{leaf}: {text}"


def read_note_line(line: str) -> tuple[Leaf, str]:
    """The leaf and the text of a note's line."""
    path, _, text = line.partition(": ")
    return Leaf(path), text
