"""Decides what linking and unlinking come to. A link is never replaced unless a human says so in so many words. Source: CM-2.3 of seed 001."""

from uuid import UUID

from factbook.audit import ActorType, Event, EventName
from factbook.conversations.linking.model import LinkChange
from factbook.kernel.problems import Problem, ProblemKind

CONVERSATION_ALREADY_LINKED = ProblemKind("conversation_already_linked", 409, "The conversation is linked to another customer")
LINK_CHANGED_MEANWHILE = ProblemKind("link_changed_meanwhile", 409, "Somebody else changed the link at the same time")


def changes_link(current: UUID | None, wanted: UUID, *, overwrite: bool) -> bool:
    """Whether linking to `wanted` changes anything. Raises `conversation_already_linked` where it would replace a customer unasked."""
    if current == wanted:
        return False
    if current is not None and not overwrite:
        raise CONVERSATION_ALREADY_LINKED.because("Nothing was changed. To replace the customer, send `overwrite` as true.")
    return True


def lost_race(found: UUID | None, wanted: UUID | None) -> Problem | None:
    """What a change that came second ends in: nothing to complain of where the first one did the same, else `link_changed_meanwhile`."""
    if found == wanted:
        return None
    return LINK_CHANGED_MEANWHILE.because("Nothing was changed: the link is no longer what it was when this began. Read it again.")


def event_of(change: LinkChange) -> Event:
    """The audit event that reports the change. It goes by the change's id, so that one change has one event."""
    return Event(
        id=change.id,
        name=_event_name(change),
        conversation_id=change.conversation_id,
        actor_type=ActorType.HUMAN,
        actor_id=change.actor_id,
        timestamp=change.created_at,
        previous_customer_id=change.previous_customer_id,
        new_customer_id=change.new_customer_id,
        reason=change.reason,
        context={},
    )


def _event_name(change: LinkChange) -> EventName:
    if change.previous_customer_id is None:
        return EventName.CUSTOMER_LINKED
    return EventName.CUSTOMER_UNLINKED if change.new_customer_id is None else EventName.CUSTOMER_RELINKED
