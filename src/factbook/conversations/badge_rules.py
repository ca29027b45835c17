"""Decides which of three badges a conversation wears. Exactly one, always; it reflects the resolution and interprets nothing.

Source: CM-2.4 of seed 001.
*New customer* means: somebody we have on record, not yet linked to this conversation. Somebody who is on no record is *Unlinked*.
"""

from dataclasses import dataclass
from enum import StrEnum

from factbook.identity import Resolution, ResolutionKind


class BadgeState(StrEnum):
    """The three states, as programs name them."""

    KNOWN = "known"
    NEW = "new"
    UNLINKED = "unlinked"


@dataclass(frozen=True, slots=True)
class Badge:
    """A state with the two texts that people read. Both are always shown."""

    state: BadgeState
    label: str
    copy: str


_BADGES = {
    BadgeState.KNOWN: Badge(BadgeState.KNOWN, "Known customer", "This customer is already known to you"),
    BadgeState.NEW: Badge(BadgeState.NEW, "New customer", "First interaction with this customer"),
    BadgeState.UNLINKED: Badge(BadgeState.UNLINKED, "Unlinked", "Customer not resolved"),
}
_STATES = {ResolutionKind.LINKED: BadgeState.KNOWN, ResolutionKind.MATCHED: BadgeState.NEW}


def badge_of(resolution: Resolution) -> Badge:
    """The badge that goes with a resolution."""
    return _BADGES[_STATES.get(resolution.kind, BadgeState.UNLINKED)]
