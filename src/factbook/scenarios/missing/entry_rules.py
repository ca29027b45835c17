"""Decides whether a scenario may begin with what is missing. Source: profile.md sections 11 and 23 (A11).

What must be there and is not keeps a scenario from beginning; one that has begun goes on, whatever this says. A requirement that nobody has looked at
since it was found with little confidence keeps nothing from beginning.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from factbook.profile import FallbackAction, MissingField, RequiredLevel


class Decision(StrEnum):
    """`allow`: it may begin. `ask`: not before the fields are there, which are to be asked for or found. `block`: not at all as things stand."""

    ALLOW = "allow"
    ASK = "ask"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Entry:
    """Whether a scenario may begin, and the fields that keep it from beginning, each once, in collection order."""

    decision: Decision
    fields: tuple[str, ...]


def entry(missing: Sequence[MissingField]) -> Entry:
    """What these missing fields mean for beginning the scenario. All hard ones must be among them."""
    fields = tuple(dict.fromkeys(each.requirement.field_name for each in missing if _keeps_out(each)))
    if not fields:
        return Entry(Decision.ALLOW, ())
    return Entry(Decision.BLOCK if is_blocked(missing) else Decision.ASK, fields)


def is_blocked(missing: Sequence[MissingField]) -> bool:
    """Whether a field is missing that the scenario is not to begin without, and that is not asked for: hard, with `block` to fall back on."""
    return any(_keeps_out(each) and each.requirement.fallback_action is FallbackAction.BLOCK for each in missing)


def _keeps_out(missing: MissingField) -> bool:
    needed = missing.requirement
    return needed.required_level is RequiredLevel.HARD and (needed.review is not None or not needed.needs_human_review)
