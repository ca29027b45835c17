"""The shapes of the older interface."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from factbook.kernel.storable import storable
from factbook.kernel.wire import StorableText, Timestamp
from factbook.persona.fetching.urls import fetchable_url

# Limits of seed 004, section 12 of the facts.
LONGEST_TEXT = 50_000
MOST_URLS = 10
MOST_OF_A_BATCH = 100
MOST_EXPORTED = 10_000
DEFAULT_LIMIT = 10
DEFAULT_EXPORT = 1000


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("nothing but white space")
    return text


def _fetchable(text: str) -> str:
    fetchable_url(text)
    return text


LegacyText = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT), AfterValidator(storable), AfterValidator(_not_blank)]
Url = Annotated[StorableText, AfterValidator(_fetchable), Field(description="A page of the web, http or https, whose text is taken.")]
Wanted = Annotated[StorableText, Field(min_length=1, description="What to look for, in any case of letters.")]
ExportLimit = Annotated[int, Field(ge=1, le=MOST_EXPORTED, description="Personas exported at most, the newest ones.")]


class LegacyRequest(BaseModel):
    """What was heard of a person: a text, pages of the web, or both."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"raw_text": "I am a nurse and I live in Lyon."}]})

    raw_text: LegacyText | None = None
    urls: Annotated[list[Url], Field(min_length=1, max_length=MOST_URLS)] | None = None

    @model_validator(mode="after")
    def _something(self) -> "LegacyRequest":
        if self.raw_text is None and self.urls is None:
            raise ValueError("raw_text or urls is needed")
        return self


class LegacyCreated(BaseModel):
    """A persona that was created. Its text and its content are read by its id."""

    id: UUID
    created_at: Timestamp
    updated_at: Timestamp


class LegacyPersona(LegacyCreated):
    """A persona. `raw_text` is the newest thing that was heard of the person; the persona knows all of them. Both are null where there are none."""

    raw_text: str | None
    persona: dict[str, Any] | None


class LegacyPage(BaseModel):
    """A page of personas, newest first. `total` counts all of them."""

    items: list[LegacyPersona]
    total: int
    limit: int
    offset: int


class LegacyStats(BaseModel):
    """How many personas there are, from when to when, and how many whole days lie between."""

    total_personas: int
    oldest_created: Timestamp | None
    newest_created: Timestamp | None
    days_active: int


class LegacyExport(BaseModel):
    """Personas, newest first, and how many there are in all."""

    export_format: Literal["json"]
    exported_at: Timestamp
    total_exported: int
    total_in_system: int
    personas: list[LegacyPersona]
