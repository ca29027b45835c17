"""The shapes of missing fields on the wire."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from factbook.profile import FieldName, MissingField, MissingReason, ProfileFieldDefinition, RequiredLevel, ScenarioFieldRequirement
from factbook.scenarios.missing.entry_rules import Decision, Entry


class Level(StrEnum):
    """Which requirements are asked about."""

    HARD = "hard"
    SOFT = "soft"
    ALL = "all"

    @property
    def required(self) -> RequiredLevel | None:
        """The level of the requirements; None for all."""
        return None if self is Level.ALL else RequiredLevel(self)


class MissingFieldAnswer(BaseModel):
    """A requirement that is not met, the definition of its field if its agent has one, and why it is not met."""

    model_config = ConfigDict(from_attributes=True)

    requirement: ScenarioFieldRequirement
    definition: ProfileFieldDefinition | None
    reason: MissingReason


class EntryAnswer(BaseModel):
    """Whether the scenario may begin, or the step that was asked about, and the fields that keep it from beginning.

    `allow`: it may. `ask`: once the fields are there, which are to be asked for or found. `block`: not as things stand, and there is nothing to ask.
    One that has begun goes on.
    """

    model_config = ConfigDict(from_attributes=True)

    decision: Decision
    fields: list[FieldName]


class MissingFields(BaseModel):
    """What is missing, in the order in which it is to be collected, and what that means for beginning. `level` narrows the items alone.

    All of it: a scenario has so many requirements and no more.
    """

    items: list[MissingFieldAnswer]
    entry: EntryAnswer

    @classmethod
    def of(cls, missing: list[MissingField], entry: Entry) -> "MissingFields":
        """The shape of what is missing."""
        return cls(items=[MissingFieldAnswer.model_validate(each) for each in missing], entry=EntryAnswer.model_validate(entry))
