"""What linking comes to, row by row of the table of states, and the event that reports it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from factbook.audit import ActorType, EventName
from factbook.conversations.linking.model import LinkChange
from factbook.conversations.linking.rules import CONVERSATION_ALREADY_LINKED, LINK_CHANGED_MEANWHILE, changes_link, event_of, lost_race
from factbook.kernel.problems import Problem

X, Y, NOBODY = UUID(int=1), UUID(int=2), None
AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("overwrite", [False, True])
def test_nobody_gives_way_to_a_customer_whatever_the_flag(overwrite: bool) -> None:
    assert changes_link(NOBODY, X, overwrite=overwrite)


@pytest.mark.parametrize("overwrite", [False, True])
def test_the_same_customer_again_changes_nothing_whatever_the_flag(overwrite: bool) -> None:
    assert not changes_link(X, X, overwrite=overwrite)


def test_another_customer_is_replaced_when_it_is_asked_for() -> None:
    assert changes_link(Y, X, overwrite=True)


def test_another_customer_is_never_replaced_unasked() -> None:
    with pytest.raises(Problem) as refused:
        changes_link(Y, X, overwrite=False)
    assert refused.value.kind is CONVERSATION_ALREADY_LINKED


@pytest.mark.parametrize("wanted", [X, NOBODY])
def test_who_comes_second_with_the_same_wish_has_it(wanted: UUID | None) -> None:
    assert lost_race(wanted, wanted) is None


@pytest.mark.parametrize(("found", "wanted"), [(Y, X), (NOBODY, X), (Y, NOBODY)])
def test_who_comes_second_with_another_wish_is_told(found: UUID | None, wanted: UUID | None) -> None:
    problem = lost_race(found, wanted)
    assert problem is not None
    assert problem.kind is LINK_CHANGED_MEANWHILE


@pytest.mark.parametrize(
    ("previous", "new", "name"),
    [
        (NOBODY, X, EventName.CUSTOMER_LINKED),
        (Y, X, EventName.CUSTOMER_RELINKED),
        (X, NOBODY, EventName.CUSTOMER_UNLINKED),
    ],
)
def test_the_event_is_named_by_what_became_of_what(previous: UUID | None, new: UUID | None, name: EventName) -> None:
    change = LinkChange(UUID(int=7), UUID(int=8), previous, new, UUID(int=9), "because", AT)
    event = event_of(change)
    assert event.name is name
    assert (event.id, event.conversation_id, event.previous_customer_id, event.new_customer_id) == (change.id, change.conversation_id, previous, new)
    assert (event.actor_type, event.actor_id, event.reason, event.timestamp) == (ActorType.HUMAN, change.actor_id, "because", AT)
    assert event.context == {}
