"""Exactly one of three badges for every resolution there can be, with the texts that people read."""

from uuid import UUID

import pytest

from factbook.conversations.badge_rules import Badge, BadgeState, badge_of
from factbook.identity import Resolution, ResolutionKind, Unresolved, resolve
from tests.identity.test_resolution_rules import BRANCHES

TEXTS = {
    "known": ("Known customer", "This customer is already known to you"),
    "new": ("New customer", "First interaction with this customer"),
    "unlinked": ("Unlinked", "Customer not resolved"),
}
STATES = {"linked": "known", "matched": "new", "unresolved": "unlinked", "skipped": "unlinked"}


@pytest.mark.parametrize(("asked", "kind", "customer_id", "reason"), BRANCHES.values(), ids=BRANCHES.keys())
def test_every_branch_of_the_resolution_has_its_badge(asked: Unresolved, kind: str, customer_id: UUID | None, reason: str) -> None:
    assert badge_of(resolve(asked)) == Badge(BadgeState(STATES[kind]), *TEXTS[STATES[kind]])


def test_somebody_on_no_record_is_unlinked_and_not_new() -> None:
    asked, *_ = BRANCHES["no match"]
    assert badge_of(resolve(asked)).label == "Unlinked"


def test_the_badge_depends_on_the_kind_alone() -> None:
    for kind in ResolutionKind:
        badges = {badge_of(Resolution(kind, customer, reason)) for _, _, customer, reason in BRANCHES.values()}  # type: ignore[arg-type]  # names
        assert len(badges) == 1
