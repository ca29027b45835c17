"""What stands between submissions and a persona: notes with the words they rest on, and statements with their sources."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from factbook.persona.computing.leaves import Leaf
from factbook.persona.model import Demographics


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a submission says of the person, for one leaf. `quote` is the submission's text from `start` to `end`, in characters."""

    leaf: Leaf
    text: str
    quote: str
    start: int
    end: int

    def as_json(self) -> dict[str, Any]:
        """The note as it is kept."""
        return {"path": self.leaf, "text": self.text, "quote": self.quote, "start": self.start, "end": self.end}

    @classmethod
    def read(cls, kept: dict[str, Any]) -> "Note":
        """The note that was kept."""
        return cls(Leaf(kept["path"]), kept["text"], kept["quote"], kept["start"], kept["end"])


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a submission, by the places of their first character and of the one after their last."""

    data_id: UUID
    quote: str
    start: int
    end: int

    def as_json(self) -> dict[str, Any]:
        """The span as it is shown."""
        return {"data_id": str(self.data_id), "quote": self.quote, "start": self.start, "end": self.end}


@dataclass(slots=True)
class Remark:
    """A note, or several of one leaf that say the same. `spans` are the first and the last ones; `data_ids` are of all submissions that say it."""

    leaf: Leaf
    text: str
    first_place: int
    last_place: int
    spans: list[Span] = field(default_factory=list)
    data_ids: list[UUID] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Digest:
    """The remarks that a persona is put together from, and how many notes of which submissions did not fit."""

    remarks: tuple[Remark, ...]
    left_out: dict[UUID, int]

    def left_out_json(self) -> list[dict[str, Any]]:
        """What did not fit, as it is shown."""
        return [{"data_id": str(data_id), "notes": count} for data_id, count in self.left_out.items()]


@dataclass(frozen=True, slots=True)
class Statement:
    """A text of a persona and what it rests on. `origin` is `demographics` for what the database says, which needs no words of a submission."""

    path: str
    text: str
    origin: str
    sources: tuple[Span, ...]

    def as_json(self) -> dict[str, Any]:
        """The statement as it is shown."""
        return {"path": self.path, "text": self.text, "origin": self.origin, "sources": [span.as_json() for span in self.sources]}


@dataclass(frozen=True, slots=True)
class Recipe:
    """Who computes: the executor's name, and the versions of the two prompts or rules it goes by."""

    extractor: str
    notes_version: str
    prompt_version: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a persona is computed from: submissions in their order, each with the SHA-256 of its text, and demographics."""

    submissions: tuple[tuple[UUID, bytes], ...]
    demographics: Demographics

    @property
    def data_ids(self) -> list[UUID]:
        """The ids in their order."""
        return [data_id for data_id, _ in self.submissions]


@dataclass(frozen=True, slots=True)
class StandingPersona:
    """The newest version there is."""

    version: int
    id: UUID
    input_sha256: bytes
    data_ids: frozenset[UUID]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ComputedPersona:
    """What a computation gave, as JSON texts."""

    persona: str
    persona_sha256: bytes
    statements: str
    left_out: str
    inputs: Inputs
    input_sha256: bytes
    recipe: Recipe
