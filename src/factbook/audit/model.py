"""What an audit event is: who did what, when and why, in a closed vocabulary."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class EventName(StrEnum):
    """Everything that is audited, in dotted past tense. Source: CM-2.5 of seed 001, and section 4 of the facts about profiles."""

    CUSTOMER_LINKED = "conversation.customer_linked"
    CUSTOMER_UNLINKED = "conversation.customer_unlinked"
    CUSTOMER_RELINKED = "conversation.customer_relinked"
    FIELD_UPDATED = "profile.field_updated"
    FIELD_PROPOSED = "profile.field_proposed"
    FIELD_SUPERSEDED = "profile.field_superseded"
    FIELD_EXPIRED = "profile.field_expired"
    FIELD_ORPHANED = "profile.field_orphaned"
    FIELD_VERIFIED = "profile.field_verified"
    FIELD_DELETED = "profile.field_deleted"
    ASSET_ADDED = "profile.asset_added"
    ASSET_SUPERSEDED = "profile.asset_superseded"
    ASSET_EXPIRED = "profile.asset_expired"
    ASSET_ORPHANED = "profile.asset_orphaned"
    ASSET_DELETED = "profile.asset_deleted"
    CONSENT_RECORDED = "profile.consent_recorded"
    VERIFICATION_LEVEL_CHANGED = "profile.verification_level_changed"
    VALUES_SHOWN = "profile.values_shown"
    PROFILE_DELETED = "profile.deleted"
    PROFILES_MERGED = "profile.merged"
    REQUIREMENT_REVIEWED = "requirement.reviewed"
    DEMOGRAPHICS_CHANGED = "person.demographics_changed"
    PERSON_CUSTOMER_CHANGED = "person.customer_changed"
    PERSON_ERASED = "person.erased"
    PERSONS_MERGED = "person.merged"


class ActorType(StrEnum):
    """A human acts by decision; the system where nobody had to decide."""

    HUMAN = "human"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `id` is the id of the record that it reports, so a record has one event at most.

    `context` is a JSON object for readers' information, free of personal data; nothing is ever decided by it.
    """

    id: UUID
    name: EventName
    conversation_id: UUID | None
    actor_type: ActorType
    actor_id: UUID | None
    timestamp: datetime
    previous_customer_id: UUID | None
    new_customer_id: UUID | None
    reason: str | None
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: the number of its last event and the hash that stands for all events up to it. 0 and zeros before the first."""

    sequence: int
    sha256: bytes


GENESIS = Head(0, bytes(32))
