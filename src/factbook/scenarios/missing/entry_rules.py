"""Decides whether a scenario may begin, or go on, with what is missing. Source: profile.md sections 11 and 23 (A11).

What must be there and is not keeps a scenario from beginning; one that has begun goes on and is told. A requirement that nobody has looked at since
it was found with little confidence keeps nothing from beginning.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from factbook.profile import FallbackAction, MissingField, RequiredLevel


class Move(StrEnum):
    """What a conversation wants to do in a scenario."""

    START = "start"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True)
class Entry:
    """Whether the move is made. `blocked` tells that one of the missing fields is not to be asked for but to be there before."""

    allowed: bool
    blocked: bool
    missing: tuple[MissingField, ...]


def entry(move: Move, missing: Sequence[MissingField]) -> Entry:
    """What becomes of a move into or within a scenario for which these fields are missing."""
    hard = tuple(each for each in missing if each.requirement.required_level is RequiredLevel.HARD)
    return Entry(allowed=move is Move.CONTINUE or not any(map(_keeps_out, hard)), blocked=is_blocked(missing), missing=hard)


def is_blocked(missing: Sequence[MissingField]) -> bool:
    """Whether a field is missing that the scenario is not to begin without, and that is not asked for: hard, with `block` to fall back on."""
    return any(_keeps_out(each) and each.requirement.fallback_action is FallbackAction.BLOCK for each in missing)


def _keeps_out(missing: MissingField) -> bool:
    needed = missing.requirement
    return needed.required_level is RequiredLevel.HARD and (needed.review is not None or not needed.needs_human_review)
