"""The shapes of missing fields on the wire."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from factbook.profile import MissingField, MissingReason, ProfileFieldDefinition, RequiredLevel, ScenarioFieldRequirement


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


class MissingFields(BaseModel):
    """What is missing, in the order in which it is to be collected. All of it: a scenario has so many requirements and no more."""

    items: list[MissingFieldAnswer]

    @classmethod
    def of(cls, missing: list[MissingField]) -> "MissingFields":
        """The shape of what is missing."""
        return cls(items=[MissingFieldAnswer.model_validate(each) for each in missing])
