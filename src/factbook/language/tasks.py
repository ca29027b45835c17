"""The tasks there are: values in a conversation, requirements in a scenario, definitions for fields that nobody defined."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from factbook.language.model import Answer, Task

ValueKind = Literal["string", "email", "phone", "date", "number", "boolean", "json"]


@dataclass(frozen=True, slots=True)
class WantedField:
    """A field whose value is looked for, as its definition describes it."""

    name: str
    value_type: ValueKind = "string"
    display_name: str | None = None
    description: str | None = None
    hint: str | None = None
    examples: tuple[str, ...] = ()
    allowed_values: tuple[str, ...] | None = None
    validation_regex: str | None = None


class FoundValue(Answer):
    """A value that a source states. `quote` is an exact substring of the source with this id; `confidence` is between 0 and 1."""

    field_name: str
    value: str | int | float | bool | dict[str, object] | list[object]
    confidence: Annotated[float, Field(ge=0, le=1)]
    source_id: str
    quote: str


class FoundValues(Answer):
    """At most one value for each field that was looked for; a field that is stated nowhere is left out."""

    values: list[FoundValue]


@dataclass(frozen=True, slots=True)
class FindValues(Task[FoundValues]):
    """Find values of fields in the messages of a conversation, oldest first."""

    fields: tuple[WantedField, ...]

    prompt: ClassVar[str] = "find_values"
    answer: ClassVar[type[Answer]] = FoundValues


class FoundRequirement(Answer):
    """A field that a scenario's or rule's text needs. `confidence` may be missing, which reads as 0.5. Source: profile.md section 15."""

    name: str
    display_name: str
    value_type: ValueKind = "string"
    required_level: Literal["hard", "soft"] = "hard"
    confidence: Annotated[float | None, Field(ge=0, le=1)] = None
    reasoning: str = ""
    allowed_values: list[str] | None = None
    when_condition: str | None = None
    source_id: str
    quote: str


class FoundRequirements(Answer):
    """Every field that the text explicitly needs or strongly implies, in the order in which it comes up."""

    fields: list[FoundRequirement]


@dataclass(frozen=True, slots=True)
class FindRequirements(Task[FoundRequirements]):
    """Find the fields that a scenario or rule needs. The sources are its parts; `known` are fields that are defined already."""

    known: tuple[WantedField, ...] = ()

    prompt: ClassVar[str] = "find_requirements"
    answer: ClassVar[type[Answer]] = FoundRequirements


class SuggestedDefinition(Answer):
    """How a field that nobody defined could be asked for and checked."""

    name: str
    display_name: str
    value_type: ValueKind
    collection_prompt: str
    validation_regex: str | None = None
    allowed_values: list[str] | None = None
    examples: list[str] = Field(default_factory=list)
    confidence: Annotated[float | None, Field(ge=0, le=1)] = None


class SuggestedDefinitions(Answer):
    """One suggestion for each field that was asked about."""

    definitions: list[SuggestedDefinition]


@dataclass(frozen=True, slots=True)
class SuggestDefinitions(Task[SuggestedDefinitions]):
    """Suggest definitions for fields that a scenario needs and nobody defined. The sources are the scenario's parts."""

    fields: tuple[FoundRequirement, ...]

    prompt: ClassVar[str] = "suggest_definitions"
    answer: ClassVar[type[Answer]] = SuggestedDefinitions
