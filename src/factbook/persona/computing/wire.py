"""The shapes of personas on the wire."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StrictBool

from factbook.kernel.wire import Timestamp
from factbook.persona.computing.document import PersonaDocument
from factbook.persona.wire import SubmissionAnswer


class RegenerationRequest(BaseModel):
    """`force` makes a version even where nothing changed that it is computed from."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"force": False}]})

    force: StrictBool = False


class SourceAnswer(BaseModel):
    """Words that a statement rests on: the submission's `raw_text` from character `start` to `end`, counted in Unicode characters, is the quote."""

    data_id: UUID
    quote: str
    start: int
    end: int


class StatementAnswer(BaseModel):
    """A text of the persona, where it stands, and what it rests on.

    `origin` is `demographics` for a name or gender that the database has; `sources` are then the submissions that say the same, if any do.
    """

    path: str
    text: str
    origin: Literal["submissions", "demographics"]
    sources: list[SourceAnswer]


class LeftOutAnswer(BaseModel):
    """How many notes of a submission did not fit into what a persona is put together from."""

    data_id: UUID
    notes: int


class PersonaAnswer(BaseModel):
    """A version of a person's persona. `created_at` is when the first version was computed, `updated_at` when this one was.

    `extractor` is `rules`, the model's name, or `migration` for a version that the old service computed: that one has the shape it had there, and
    every other one the published shape. `input_sha256` stands for everything that the version was computed from and by.
    """

    id: UUID
    person_id: UUID
    persona: PersonaDocument | dict[str, Any]
    version: int
    computed_from_data_ids: list[UUID]
    created_at: Timestamp
    updated_at: Timestamp
    extractor: str
    prompt_version: str
    input_sha256: str
    statements: list[StatementAnswer]
    left_out: list[LeftOutAnswer]


class PersonaWithHistory(PersonaAnswer):
    """A persona with the submissions that it was computed from, in the order of their ids."""

    computed_from_data: list[SubmissionAnswer]


class PersonaPage(BaseModel):
    """A page of a person's versions, newest first."""

    items: list[PersonaAnswer]
    total: int
    limit: int
    offset: int


class SubmittedAndRegenerated(BaseModel):
    """A submission, and the persona that knows it."""

    person_data: SubmissionAnswer
    persona: PersonaAnswer


class ComparedVersion(BaseModel):
    """One of two versions that are compared."""

    version: int
    extractor: str
    prompt_version: str
    updated_at: Timestamp


class TextAtPath(BaseModel):
    """A text that one version has and the other has not. The path of a list is that of the list."""

    path: str
    text: str


class ChangedText(BaseModel):
    """A text that became another."""

    path: str
    before: str
    after: str


class PersonaDiff(BaseModel):
    """What version `b` says that `a` does not, and which submissions it knows that `a` does not."""

    person_id: UUID
    a: ComparedVersion
    b: ComparedVersion
    added: list[TextAtPath]
    removed: list[TextAtPath]
    changed: list[ChangedText]
    data_ids_added: list[UUID]
    data_ids_removed: list[UUID]
