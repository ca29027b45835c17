"""Evaluates conditions in CEL: compiled once and kept, bounded before they begin, and never failing whoever asks.

The library takes a third of a second to import, so it is imported with the first condition. It runs what it was given to the end, in the thread
that asks; what it may be given is decided in `condition_rules`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from factbook.profile.conditions.condition_rules import MATCHES, MOST_STEPS, ConditionUnusable, Taken, renamed, steps_of, taken
from factbook.profile.conditions.values import Showing, TooMuch, meaning
from factbook.profile.model import ProfileField
from factbook.profile.validation.expressions import expression_fault, found_in, steps_of_search

if TYPE_CHECKING:
    from cel import Program

_KEPT = 1024
# Characters that a condition is shown, a member of a list or an object counting for 64: handing so many to the library takes a hundredth of a second.
_MOST_SHOWN = 256 * 1024
# What it costs to call our own `matches`.
_STEPS_OF_A_CALL = 10_000
_PLACE = re.compile(r"<input>:[0-9]+:(?P<column>[0-9]+): (?P<what>[A-Za-z ]+)")


class Failure(StrEnum):
    """Why a condition could not be decided although everything it reads is there."""

    EXPRESSION = "expression"
    TYPE = "type"
    ARITHMETIC = "arithmetic"
    FUNCTION = "function"
    NO_BOOLEAN = "no_boolean"
    NUMBERS = "numbers"
    TOO_MUCH = "too_much"


@dataclass(frozen=True, slots=True)
class Decided:
    """Whether a condition holds. `failure` tells why it could not be decided, and then it does not."""

    holds: bool
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class _Condition:
    """A condition that was taken and compiled."""

    program: "Program"
    taken: Taken


def condition_fault(text: str) -> str | None:
    """Why an expression is not taken as a condition; None when it is."""
    found = _compiled(text)
    return found if isinstance(found, str) else None


def fields_read(text: str) -> frozenset[str]:
    """The names of the fields that a condition may read."""
    found = _compiled(text)
    return frozenset() if isinstance(found, str) else found.taken.fields


def decided(text: str, active: Mapping[str, ProfileField]) -> Decided:
    """Whether the condition holds for these active fields. One that reads a field, or a member of an object, that is not there does not hold.

    By CEL's own rules `||` and `&&` absorb what cannot be read where the other side decides.
    """
    condition = _compiled(text)
    if isinstance(condition, str):
        return Decided(False, Failure.EXPRESSION)
    showing = Showing(_MOST_SHOWN)
    try:
        values = {name: showing.shown(meaning(active[name].value, active[name].value_type)) for name in condition.taken.fields & active.keys()}
    except TooMuch:
        return Decided(False, Failure.TOO_MUCH)
    if len(showing.large) > 1:
        return Decided(False, Failure.NUMBERS)
    steps = steps_of(condition.taken.shape, showing.amount)
    if steps > MOST_STEPS:
        return Decided(False, Failure.TOO_MUCH)
    return _evaluated(condition, values, MOST_STEPS - steps)


class _Matching:
    """Our own `matches`, on RE2 as CEL's specification has it, of so many steps in one evaluation.

    Where it cannot tell it answers with what is no boolean, which is an error to CEL: an exception would be one, too, but written to the log.
    """

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self.failure = Failure.TYPE

    def __call__(self, text: Any, pattern: str) -> bool | None:
        if not isinstance(text, str):
            return None
        self._steps -= _STEPS_OF_A_CALL + steps_of_search(pattern, text)
        if self._steps < 0:
            self.failure = Failure.TOO_MUCH
            return None
        return found_in(pattern, text)


def _evaluated(condition: _Condition, values: Mapping[str, Any], steps: int) -> Decided:
    from cel import Context

    matching = _Matching(steps)
    context = Context({renamed(name): value for name, value in values.items()}, {renamed(MATCHES): matching})
    try:
        result = condition.program.execute(context)
    except (KeyError, IndexError):  # a member of an object or a list is no less absent than a field
        return Decided(False)
    except TypeError:
        return Decided(False, matching.failure)
    except ArithmeticError:
        return Decided(False, Failure.ARITHMETIC)
    except (RuntimeError, ValueError):
        return Decided(False, None if condition.taken.fields - values.keys() else Failure.FUNCTION)
    if isinstance(result, bool):
        return Decided(result)
    return Decided(False, Failure.NO_BOOLEAN if result is not None else matching.failure)


@lru_cache(maxsize=_KEPT)
def _compiled(text: str) -> _Condition | str:
    """The condition, or why it is none."""
    try:
        found = taken(text)
        program = _program(found.source)
        for pattern in found.patterns:
            _check_pattern(pattern)
        condition = _Condition(program, found)
        if not found.fields:
            _check_constant(condition)
    except ConditionUnusable as unusable:
        return str(unusable)
    return condition


def _program(source: str) -> "Program":
    import cel

    try:
        return cel.compile(source)
    except ValueError as error:
        place = _PLACE.search(str(error))
        told = f"{place['what'].strip().lower()} at character {place['column']}" if place else "it cannot be parsed"
        raise ConditionUnusable(f"it is no expression in CEL: {told}") from None


def _check_pattern(literal: str) -> None:
    pattern = _program(literal).execute()
    if (fault := expression_fault(pattern)) is not None:
        raise ConditionUnusable(f"its pattern cannot be used: {fault}")


def _check_constant(condition: _Condition) -> None:
    """A condition that reads no field says the same for ever, so what it says can be looked at now."""
    if (failure := _evaluated(condition, {}, MOST_STEPS).failure) is not None:
        raise ConditionUnusable(f"it is neither true nor false: {failure}")
