"""The shapes of persons and submissions on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from factbook.kernel.ids import new_id
from factbook.kernel.storable import storable
from factbook.kernel.wire import Reason, Timestamp
from factbook.persona.model import DEFAULT_SOURCE, LONGEST_GENDER, LONGEST_NAME, LONGEST_SOURCE, LONGEST_TEXT, Demographics, NewPerson

# Paging of seed 004: by limit and offset.
DEFAULT_LIMIT = 50
PageLimit = Annotated[int, Field(ge=1, le=100, description="Entries on one page.")]
PageOffset = Annotated[int, Field(ge=0, le=2**31 - 1, description="Entries left out before the page.")]


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("nothing but white space")
    return text


Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(storable), AfterValidator(_not_blank)]
Gender = Annotated[str, Field(min_length=1, max_length=LONGEST_GENDER), AfterValidator(storable), AfterValidator(_not_blank)]
RawText = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_TEXT, description="What was heard, kept byte for byte."),
    AfterValidator(storable),
    AfterValidator(_not_blank),
]
SourceName = Annotated[
    str, Field(min_length=1, max_length=LONGEST_SOURCE, description="Where it was heard, in the caller's own word."), AfterValidator(storable)
]


class PersonRequest(BaseModel):
    """What is known for certain of the person: all of it, some or nothing."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"first_name": "Ada", "last_name": "Lovelace"}]})

    first_name: Name | None = None
    last_name: Name | None = None
    gender: Gender | None = None

    def person(self, now: datetime) -> NewPerson:
        """The person who comes in now."""
        return NewPerson(new_id(), new_id(), Demographics(self.first_name, self.last_name, self.gender), now)

    def changes(self) -> dict[str, str | None]:
        """What was named, by name; null takes it away."""
        return self.model_dump(exclude_unset=True)


class SubmissionRequest(BaseModel):
    """A text about the person."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"raw_text": "I am a nurse and I live in Lyon.", "source": "chat"}]})

    raw_text: RawText
    source: SourceName = DEFAULT_SOURCE


class CustomerOfPersonRequest(BaseModel):
    """The customer whom the person is; null for none."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"customer_id": "0192f7c2-a4b8-7d3e-9f10-3b1f2c4d5e6f", "reason": "same address"}]}
    )

    customer_id: UUID | None
    reason: Reason | None = None


class PersonAnswer(BaseModel):
    """A person. `stale` is true while there are submissions that the newest persona was not computed from."""

    id: UUID
    first_name: str | None
    last_name: str | None
    gender: str | None
    customer_id: UUID | None
    person_data_count: int
    latest_persona_version: int | None
    stale: bool
    created_at: Timestamp
    updated_at: Timestamp


class SubmissionAnswer(BaseModel):
    """A submission, its text as it came."""

    id: UUID
    person_id: UUID
    raw_text: str
    source: str
    created_at: Timestamp


class SubmissionPage(BaseModel):
    """A page of a person's submissions, oldest first. `total` counts all of them."""

    items: list[SubmissionAnswer]
    total: int
    limit: int
    offset: int
