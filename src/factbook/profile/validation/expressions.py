"""Regular expressions that strangers write, on values that strangers send: matched by RE2, whose time grows with the length of both and no faster.

Threat: with a backtracking matcher, `(a+)+$` and thirty letters stop a process. RE2 has neither back-references nor look-around, which is its
price. Memory is bounded for each expression, and so are the number of them that are kept and the steps that one match may take.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import re2  # type: ignore[import-untyped]  # comes without types; `_Compiled` is all that is used of it

LONGEST_EXPRESSION = 500  # characters
_KEPT = 1024
# Bytes for the program of one expression and the states it meets, half of RE2's default. Most need some KiB; up to 100 letters of any script
# (`\p{L}{1,100}`) need half of this, and are the most that somebody would ask for.
_MEMORY = 4 * 1024 * 1024
# A match takes at most one step for each instruction of the program and byte of the text, at about a nanosecond each. Without this limit an
# expression of a few characters, such as `.*a.{1000}`, would hold a process for a quarter of a minute on a text of 1 MiB.
_MOST_STEPS = 1_000_000_000
_LOOK_AROUND = re.compile(r"\(\?<?[=!]")
_BACK_REFERENCE = re.compile(r"invalid escape sequence: \\[1-9k]")


class _Compiled(Protocol):
    """What is used of a compiled expression."""

    @property
    def programsize(self) -> int: ...
    def fullmatch(self, text: str) -> object | None: ...
    def search(self, text: str) -> object | None: ...


@dataclass(frozen=True, slots=True)
class _Unusable:
    """Why an expression cannot be used. Kept like a compiled one, so that it is not tried again for every value."""

    reason: str


class ExpressionUnusable(Exception):
    """The expression cannot be used; the message says why. It repeats parts of the expression, never of a value."""


def expression_fault(expression: str) -> str | None:
    """Why an expression cannot be used: too long, broken, or in need of what RE2 has not. None when it can."""
    found = _compiled(expression) if len(expression) <= LONGEST_EXPRESSION else _Unusable(f"it is longer than {LONGEST_EXPRESSION} characters")
    return found.reason if isinstance(found, _Unusable) else None


def matches_whole(expression: str, text: str) -> bool:
    """Whether the expression matches the text from its first character to its last.

    `ExpressionUnusable` for one that `expression_fault` refuses, and for one that would take too many steps on a text of this length.
    """
    if (fault := expression_fault(expression)) is not None:
        raise ExpressionUnusable(fault)
    compiled = _compiled(expression)
    try:
        if isinstance(compiled, _Unusable) or compiled.programsize * len(text.encode()) > _MOST_STEPS:
            raise ExpressionUnusable("it would take too many steps on a text of this length")
        return compiled.fullmatch(text) is not None
    except UnicodeEncodeError:  # half of a surrogate pair is no character, so nothing matches it
        return False


def found_in(expression: str, text: str) -> bool:
    """Whether a part of the text matches the expression, one that `expression_fault` does not refuse."""
    compiled = _compiled(expression)
    try:
        return not isinstance(compiled, _Unusable) and compiled.search(text) is not None
    except UnicodeEncodeError:
        return False


def steps_of_search(expression: str, text: str) -> int:
    """How many steps `found_in` takes at most."""
    compiled = _compiled(expression)
    return 0 if isinstance(compiled, _Unusable) else compiled.programsize * len(text.encode(errors="replace"))


@lru_cache(maxsize=_KEPT)
def _compiled(expression: str) -> _Compiled | _Unusable:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    options.never_capture = True  # nobody asks for groups
    try:
        compiled: _Compiled = re2.compile(expression, options)
    except UnicodeEncodeError:
        return _Unusable("it holds a lone surrogate, which is not a character")
    except re2.error as error:
        return _Unusable(_told(error.args[0].decode(errors="replace")))
    return compiled


def _told(text: str) -> str:
    """What RE2 says, in a sentence, with its limits called by their names."""
    if _LOOK_AROUND.search(text):
        return "it looks around (?=, ?!, ?<=, ?<!), which is not offered because it cannot be matched in linear time"
    if _BACK_REFERENCE.search(text):
        return "it refers back to a group, which is not offered because it cannot be matched in linear time"
    return f"it is not a regular expression in RE2's syntax: {text}"
