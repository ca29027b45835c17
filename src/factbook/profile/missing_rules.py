"""Decides which of a scenario's requirements a profile does not meet, and why. Source: profile.md sections 6, 11 and 23 (A12, A13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

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


def missing_fields(
    requirements: Sequence[ScenarioFieldRequirement],
    newest: Mapping[str, ProfileField],
    definitions: Mapping[tuple[UUID, str], ProfileFieldDefinition],
    level: RequiredLevel | None,
    now: datetime,
) -> list[MissingField]:
    """The unmet requirements of the level (None: of any), in collection order.

    `newest` has the newest version of each field, whatever its status; `definitions` are by agent and name. A requirement that depends on other
    fields does not apply before they are there.
    """
    present = {name for name, field in newest.items() if is_active(field, now)}
    missing = []
    for requirement in sorted(requirements, key=lambda each: (each.collection_order, each.field_name, each.id)):
        if requirement.review is Review.REJECTED:
            continue  # a human said that the scenario does not need it
        if level not in (None, requirement.required_level) or not present.issuperset(requirement.depends_on_fields):
            continue
        definition = definitions.get((requirement.agent_id, requirement.field_name))
        reason = unmet_reason(newest.get(requirement.field_name), definition, now)
        if reason is not None:
            missing.append(MissingField(requirement, definition, reason))
    return missing


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
