"""Lists the fields that a condition in CEL reads: its identifiers, without functions, macros, literals and the names of what they belong to.

The library evaluates conditions but lists no names, so the text is cut into tokens here; the library still decides whether it is CEL at all.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cel

from factbook.language.reading.words import Span, listed
from factbook.language.rules.guessing import value_type_of
from factbook.language.tasks import ValueKind

_TOKEN = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[A-Za-z_][A-Za-z0-9_]*|[0-9][0-9A-Za-z.]*|&&|\|\||[=!<>]=|\S")
_DECIDING = frozenset({"==", "!=", "<", ">", "<=", ">=", "&&", "||", "!"})
_RESERVED = listed(
    "true false null in has all exists exists_one map filter now today size int uint double string bool bytes timestamp duration type dyn"
)
# Whom or what a field belongs to: "customer.age" reads the field "age".
_OWNERS = listed("customer profile user client patient person order account booking request session conversation context fields field data case")
_LONGEST = 2000  # characters
_DEEPEST = 40  # brackets within brackets; the library's parser calls itself for each


@dataclass(frozen=True, slots=True)
class ReadField(Span):
    """A field that a condition reads, at its first place, with the type that the comparison suggests."""

    name: str
    value_type: ValueKind


def is_condition(text: str) -> bool:
    """Whether the text is a condition in CEL, and not merely words."""
    if len(text) > _LONGEST or _depth(text) > _DEEPEST:
        return False
    found = {token[0] for token in _TOKEN.finditer(text)}
    if _DECIDING.isdisjoint(found) and not ("in" in found and "[" in found):
        return False
    try:
        cel.compile(text)
    except ValueError:
        return False
    return True


def fields_read(text: str) -> list[ReadField]:
    """The fields that a condition reads, in order, each once."""
    found: dict[str, ReadField] = {}
    for field in _fields_read(list(_TOKEN.finditer(text))):
        found.setdefault(field.name, field)
    return list(found.values())


def _depth(text: str) -> int:
    depth = deepest = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    return deepest


def _fields_read(read: Sequence[re.Match[str]]) -> Iterator[ReadField]:
    index = 0
    while index < len(read):
        if not _is_name(read[index][0]) or (index > 0 and read[index - 1][0] == "."):
            index += 1
            continue
        path = [index]
        while path[-1] + 2 < len(read) and read[path[-1] + 1][0] == "." and _is_name(read[path[-1] + 2][0]):
            path.append(path[-1] + 2)
        index = path[-1] + 1
        is_call = index < len(read) and read[index][0] == "("
        if is_call:
            path.pop()  # a function, or a method of what stands before it
        names = [read[place][0] for place in path]
        if names and names[0] not in _RESERVED:
            own = names[1:] if names[0] in _OWNERS and len(names) > 1 else names
            first, last = read[path[0]], read[path[-1]]
            name = "_".join(own).lower()
            yield ReadField(first.start(), last.end(), name, _type(name, read, path[-1]))


def _is_name(token: str) -> bool:
    return token[0].isalpha() or token[0] == "_"


def _type(name: str, read: Sequence[re.Match[str]], place: int) -> ValueKind:
    """The type by what the field is compared with; a date's name counts for more than the number or text it is compared with."""
    guessed = value_type_of(name)
    if guessed in ("date", "email", "phone"):
        return guessed
    operator, operand = (read[place + step][0] if place + step < len(read) else "" for step in (1, 2))
    if operator in ("==", "!=", "<", ">", "<=", ">="):
        if operand in ("true", "false"):
            return "boolean"
        if operand[:1].isdigit() or operand == "-":
            return "number"
        if operand[:1] in ("'", '"'):
            return "string"
        if operand in ("today", "now") or operand == "timestamp":
            return "date"
    return "boolean" if operator in ("&&", "||", "", ")") and _stands_alone(read, place) else guessed


def _stands_alone(read: Sequence[re.Match[str]], place: int) -> bool:
    """Whether the name before the place is a whole condition, and no argument of a function and no side of a comparison."""
    before = read[place - 1][0] if place else ""
    return before in ("", "!", "&&", "||") or (before == "(" and not (place > 1 and _is_name(read[place - 2][0])))
