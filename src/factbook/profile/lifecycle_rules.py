"""Decides how an item stands: what a new value does to the one before it, what is past its time, and what counts as active at a moment.

An item leaves `active` once: replaced, past its time or without its source, whichever is first. What is not active keeps the status it has, so
a value that expired stays expired when a new one comes; only the reference to its successor is added. Source: decision 10, seed 003.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from factbook.profile.model import AssertedBy, ItemStatus, ProfileAsset, ProfileField, ProfileFieldSource, SourceType
from factbook.profile.validation.value_types import inferred_type

_LAST = datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)

ASSERTED_BY = {
    ProfileFieldSource.USER_PROVIDED: AssertedBy.CUSTOMER,
    ProfileFieldSource.HUMAN_ENTERED: AssertedBy.HUMAN,
    ProfileFieldSource.TOOL_RESULT: AssertedBy.TOOL,
    ProfileFieldSource.DOCUMENT_EXTRACTED: AssertedBy.TOOL,
    ProfileFieldSource.SYSTEM_INFERRED: AssertedBy.SYSTEM,
    ProfileFieldSource.LLM_EXTRACTED: AssertedBy.MODEL,
}


def is_due(item: ProfileField | ProfileAsset, now: datetime) -> bool:
    """Whether the item's time is over: from `expires_at` on."""
    return item.expires_at is not None and item.expires_at <= now


def is_active(item: ProfileField | ProfileAsset, now: datetime) -> bool:
    """Whether the item counts as active at this moment, whether or not a job has marked it since."""
    return item.status is ItemStatus.ACTIVE and not is_due(item, now)


def status_at(item: ProfileField | ProfileAsset, now: datetime) -> ItemStatus:
    """How the item stands at this moment."""
    return ItemStatus.EXPIRED if item.status is ItemStatus.ACTIVE and is_due(item, now) else item.status


def is_proposal(new: ProfileField, standing: ProfileField | None) -> bool:
    """Whether the new value may only be proposed: a model's, where a verified or human-entered one stands."""
    return new.asserted_by is AssertedBy.MODEL and standing is not None and is_protected(standing)


def is_protected(field: ProfileField) -> bool:
    """Whether a human stands behind the value: one who entered it, or one who verified it."""
    return field.verified or field.asserted_by is AssertedBy.HUMAN


def as_proposal(new: ProfileField, standing: ProfileField, now: datetime) -> ProfileField:
    """The new value as a proposal: on record, to be confirmed, and outdone by the one that stands from the start."""
    return new.model_copy(
        update={
            "requires_confirmation": True,
            "status": ItemStatus.SUPERSEDED,
            "superseded_by_id": standing.id,
            "superseded_at": now,
        }
    )


@dataclass(frozen=True, slots=True)
class Supersession:
    """What becomes of an earlier version when a new value comes: its status from now on, and the moment if it was superseded by this."""

    status: ItemStatus
    superseded_at: datetime | None


def supersession(earlier: ProfileField | ProfileAsset, now: datetime) -> Supersession:
    """How an earlier version stands once it has a successor."""
    status = status_at(earlier, now)
    if status is ItemStatus.ACTIVE:
        return Supersession(ItemStatus.SUPERSEDED, now)
    return Supersession(status, earlier.superseded_at)


def expiry_by_retention(collected_at: datetime, expires_at: datetime | None, retention_days: Sequence[int | None]) -> datetime | None:
    """When a value expires: at its own time, and no later than any definition lets it be kept. 0 and None days keep it for ever."""
    ends = [_later(collected_at, days) for days in retention_days if days]
    return min([*ends, *filter(None, [expires_at])], default=None)


def _later(instant: datetime, days: int) -> datetime:
    """So many days later, or the last instant of the calendar."""
    try:
        return instant + timedelta(days=days)
    except OverflowError:
        return _LAST


def winner_of_merge(target: ProfileField, source: ProfileField, now: datetime) -> ProfileField:
    """Which of two active values of one field stays when two profiles become one.

    What is not past its time, then what a model may not replace, then the one collected later.
    """
    if is_due(target, now) != is_due(source, now):
        return source if is_due(target, now) else target
    if is_proposal(source, target) or is_proposal(target, source):
        return target if is_proposal(source, target) else source
    return source if source.collected_at > target.collected_at else target


def new_field(name: str, value: Any, source: str, said_at: datetime, *, source_item_id: UUID | None = None) -> ProfileField:
    """A field as somebody says it at a moment, derived from another field if one is named."""
    obtained = ProfileFieldSource(source)
    return ProfileField(
        name=name,
        value=value,
        value_type=inferred_type(value),
        source=obtained,
        asserted_by=ASSERTED_BY[obtained],
        source_item_id=source_item_id,
        source_item_type=SourceType.PROFILE_FIELD if source_item_id else None,
        collected_at=said_at,
        updated_at=said_at,
    )
