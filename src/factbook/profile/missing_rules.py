"""Decides which of a scenario's requirements a profile does not meet, and why. Source: profile.md sections 6, 11 and 23 (A12, A13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from factbook.profile.conditions.evaluating import Decided, Failure, decided
from factbook.profile.lifecycle_rules import is_active
from factbook.profile.model import ItemStatus, ProfileField
from factbook.profile.schema_model import ProfileFieldDefinition, RequiredLevel, Review, ScenarioFieldRequirement


class MissingReason(StrEnum):
    """Why a requirement is not met."""

    ABSENT = "absent"
    STALE = "stale"
    UNVERIFIED = "unverified"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class MissingField:
    """A requirement that is not met, the definition of its field if there is one, and why."""

    requirement: ScenarioFieldRequirement
    definition: ProfileFieldDefinition | None
    reason: MissingReason


@dataclass(frozen=True, slots=True)
class Undecided:
    """A requirement whose condition could not be decided, which therefore does not apply."""

    requirement: ScenarioFieldRequirement
    failure: Failure


@dataclass(frozen=True, slots=True)
class Applying:
    """The requirements that apply to a profile, in collection order, and those of which it could not be told."""

    requirements: list[ScenarioFieldRequirement]
    undecided: list[Undecided]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a profile lacks for a scenario, in collection order, and the requirements of which it could not be told."""

    missing: list[MissingField]
    undecided: list[Undecided]


def missing_fields(
    requirements: Sequence[ScenarioFieldRequirement],
    newest: Mapping[str, ProfileField],
    definitions: Mapping[tuple[UUID, str], ProfileFieldDefinition],
    level: RequiredLevel | None,
    now: datetime,
) -> Needs:
    """The unmet requirements of the level (None: of any), in collection order.

    `newest` has the version of each field that stands, else the newest; `definitions` are the enabled ones by agent and name.
    """
    applying = applying_requirements(requirements, newest, level, now)
    missing = []
    for requirement in applying.requirements:
        definition = definitions.get((requirement.agent_id, requirement.field_name))
        reason = unmet_reason(newest.get(requirement.field_name), definition, now)
        if reason is not None:
            missing.append(MissingField(requirement, definition, reason))
    return Needs(missing, applying.undecided)


def applying_requirements(
    requirements: Sequence[ScenarioFieldRequirement], newest: Mapping[str, ProfileField], level: RequiredLevel | None, now: datetime
) -> Applying:
    """The requirements of the level that apply: not rejected by a human, all fields that they depend on active, and their condition true.

    Conditions see active fields. One that cannot be decided is not true.
    """
    active = {name: field for name, field in newest.items() if is_active(field, now)}
    asked: dict[str, Decided] = {}
    found = Applying([], [])
    for requirement in in_collection_order(requirements):
        if requirement.review is Review.REJECTED or level not in (None, requirement.required_level):
            continue
        if not active.keys() >= set(requirement.depends_on_fields):
            continue
        condition = requirement.when_condition
        if condition is not None and condition not in asked:
            asked[condition] = decided(condition, active)
        answer = Decided(True) if condition is None else asked[condition]
        if answer.holds:
            found.requirements.append(requirement)
        elif answer.failure is not None:
            found.undecided.append(Undecided(requirement, answer.failure))
    return found


def in_collection_order(requirements: Sequence[ScenarioFieldRequirement]) -> list[ScenarioFieldRequirement]:
    """Those to be collected first before the others."""
    return sorted(requirements, key=lambda each: (each.collection_order, each.field_name, each.id))


def unmet_reason(field: ProfileField | None, definition: ProfileFieldDefinition | None, now: datetime) -> MissingReason | None:
    """Why a field does not do; None when it does. A value is stale once it is older than its definition's freshness; 0 and None never are."""
    if field is None:
        return MissingReason.ABSENT
    if not is_active(field, now):
        return MissingReason.EXPIRED if field.status in (ItemStatus.ACTIVE, ItemStatus.EXPIRED) else MissingReason.ABSENT
    if definition is None:
        return None
    if definition.freshness_seconds and now - field.collected_at > timedelta(seconds=definition.freshness_seconds):
        return MissingReason.STALE
    return MissingReason.UNVERIFIED if definition.required_verification and not field.verified else None


def fills(new: ProfileField, standing: ProfileField | None, definition: ProfileFieldDefinition | None, now: datetime) -> bool:
    """Whether a model's value may fill the gap that its field leaves: nothing stands, or what stands is stale, said before it, and it is not.

    A value that lacks verification is no gap for a model: its own would lack it, too.
    """
    if unmet_reason(new, definition, now) not in (None, MissingReason.UNVERIFIED):
        return False
    reason = unmet_reason(standing, definition, now)
    if reason is MissingReason.STALE and standing is not None:
        return standing.collected_at < new.collected_at
    return reason in (MissingReason.ABSENT, MissingReason.EXPIRED)
