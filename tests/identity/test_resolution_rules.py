"""Whom a conversation is with: every branch of the resolution, in its order."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.identity import Resolution, ResolutionKind, ResolutionReason, Unresolved, resolve

TENANT, X, Y = UUID(int=1), UUID(int=2), UUID(int=3)
ASKED = Unresolved(
    tenant_id=TENANT, linked_customer_id=None, channel="sms", identifier="+39 333 1234567", normalized_identifier="393331234567", matches=[]
)
BRANCHES = {
    "a link": (replace(ASKED, linked_customer_id=X), "linked", X, "explicit_link"),
    "a link beats a match with another customer": (replace(ASKED, linked_customer_id=X, matches=[Y]), "linked", X, "explicit_link"),
    "a link beats everything that is missing": (Unresolved(None, X, None, None, None, None), "linked", X, "explicit_link"),
    "no tenant": (replace(ASKED, tenant_id=None, matches=[X]), "skipped", None, "tenant_missing"),
    "no identifier": (replace(ASKED, identifier=None, normalized_identifier=None), "skipped", None, "identifier_missing"),
    "an empty identifier": (replace(ASKED, identifier="", normalized_identifier=None), "skipped", None, "identifier_missing"),
    "a blank identifier": (replace(ASKED, identifier=" \n", normalized_identifier=None), "skipped", None, "identifier_missing"),
    "no channel": (replace(ASKED, channel=None), "skipped", None, "channel_missing"),
    "an empty channel": (replace(ASKED, channel=""), "skipped", None, "channel_missing"),
    "an identifier that is none": (replace(ASKED, identifier="anonymous", normalized_identifier=None), "skipped", None, "identifier_invalid"),
    "one match": (replace(ASKED, matches=[X]), "matched", X, "one_customer"),
    "one match found twice": (replace(ASKED, matches=[X, X]), "matched", X, "one_customer"),
    "no match": (ASKED, "unresolved", None, "no_customer"),
    "two matches": (replace(ASKED, matches=[X, Y]), "unresolved", None, "several_customers"),
    "a failed look-up": (replace(ASKED, matches=None), "unresolved", None, "look_up_failed"),
}


@pytest.mark.parametrize(("asked", "kind", "customer_id", "reason"), BRANCHES.values(), ids=BRANCHES.keys())
def test_each_branch_ends_as_it_should(asked: Unresolved, kind: str, customer_id: UUID | None, reason: str) -> None:
    assert resolve(asked) == Resolution(ResolutionKind(kind), customer_id, ResolutionReason(reason))


def test_every_kind_and_every_reason_is_reached() -> None:
    assert {kind for _, kind, _, _ in BRANCHES.values()} == set(ResolutionKind)
    assert {reason for _, _, _, reason in BRANCHES.values()} == set(ResolutionReason)


IDS = st.sampled_from([X, Y, UUID(int=4)])
FACTS = st.builds(
    Unresolved,
    tenant_id=st.none() | st.just(TENANT),
    linked_customer_id=st.none() | IDS,
    channel=st.none() | st.sampled_from(["", "sms", "email"]),
    identifier=st.none() | st.text(max_size=5),
    normalized_identifier=st.none() | st.text(min_size=1, max_size=5),
    matches=st.none() | st.lists(IDS, max_size=3),
)


@given(FACTS)
def test_somebody_is_named_by_a_link_or_a_single_match_alone(asked: Unresolved) -> None:
    found = resolve(asked)
    matches: Collection[UUID] = asked.matches or []
    assert (found.customer_id is not None) == (found.kind in {ResolutionKind.LINKED, ResolutionKind.MATCHED})
    if found.kind is ResolutionKind.LINKED:
        assert found.customer_id == asked.linked_customer_id
    if found.kind is ResolutionKind.MATCHED:
        assert set(matches) == {found.customer_id}
        assert asked.linked_customer_id is None
    assert resolve(asked) == found
