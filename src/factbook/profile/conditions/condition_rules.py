"""Decides which expressions are taken as conditions, and bounds what each can cost.

Threat: a condition is evaluated whenever somebody asks what is missing, in the process that answers everybody, and the library has no limit of its
own on time. A list of a thousand members takes `filter` and `map` a tenth of a second, two loops in each other on it a second, and an expression
of forty characters that joins texts fills the memory. So loops stand in no other loop, `map` and `filter` are not offered, a pattern of `matches`
is a text that was looked at when it was saved, and each evaluation is reckoned before it begins (`steps_of`). Brackets are counted because the
parser calls itself for each of them: a hundred end a process whose thread has half a megabyte of stack.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from factbook.kernel.storable import storable
from factbook.profile.conditions.tokens import Call, Token, arguments_of, calls_in, depth_of, tokens_of, variables_at
from factbook.profile.conditions.values import WEIGHT_OF_A_VALUE, Amount

LONGEST_CONDITION = 1000  # characters
DEEPEST = 20  # brackets and choices in each other
# About two nanoseconds each, so that the dearest evaluation takes some hundredths of a second.
MOST_STEPS = 20_000_000

MATCHES = "matches"
_LOOPS = frozenset({"exists", "exists_one", "all"})
_SLOW = frozenset({"map", "filter"})
_OF_TEXTS = frozenset({"contains", "startsWith", "endsWith", "size", MATCHES})
_CONVERSIONS = frozenset({"int", "uint", "double", "string", "timestamp", "duration"})
_PARTS_OF_TIME = frozenset(
    {
        *("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"),
        *("getHours", "getMinutes", "getSeconds", "getMilliseconds"),
    }
)
FUNCTIONS = frozenset({"has"}) | _LOOPS | _OF_TEXTS | _CONVERSIONS | _PARTS_OF_TIME
# How many arguments a function takes where it is called by itself, and where it is asked of a value. Any other call fails whatever the profile says.
_BY_ITSELF = {"has": 1, "size": 1, **dict.fromkeys(_CONVERSIONS, 1)}
_OF_A_VALUE = {
    "size": 0,
    **dict.fromkeys(("contains", "startsWith", "endsWith", MATCHES), 1),
    **dict.fromkeys(_LOOPS, 2),
    **dict.fromkeys(_PARTS_OF_TIME, 0),
}
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,49}")


@dataclass(frozen=True, slots=True)
class Shape:
    """What an evaluation costs, as far as the expression alone says.

    `joins` counts additions, each of which may make a value as long as all before it. `literals` weighs what the expression itself brings, and
    `listed` counts what may be members of its own lists. `reads_in_loops` counts where a loop looks at a field, and so at more than the member it
    is at; None without loops.
    """

    tokens: int
    joins: int
    literals: int
    listed: int
    reads_in_loops: int | None


@dataclass(frozen=True, slots=True)
class Taken:
    """An expression that may be compiled: its text as the library gets it, the fields it reads, and the patterns in it as they are written."""

    source: str
    fields: frozenset[str]
    patterns: tuple[str, ...]
    shape: Shape


class ConditionUnusable(Exception):
    """The condition is not taken; the message says why. It repeats names of the expression, never of a value."""


def taken(text: str) -> Taken:
    """The expression as it may be compiled. Raises `ConditionUnusable`."""
    tokens = _tokens(text)
    calls = calls_in(tokens)
    for fault in (*_faults_of_calls(tokens, calls), *_faults_of_loops(calls)):
        raise ConditionUnusable(fault)
    fields = _fields_at(tokens, calls)
    for place in fields:
        if not _NAME.fullmatch(tokens[place].text):
            raise ConditionUnusable(f"no field can be called `{tokens[place].text}`")
    matches = [call.place for call in calls if call.name == MATCHES]
    return Taken(
        source=_renamed(text, [tokens[place].start for place in (*fields, *matches)]),
        fields=frozenset(tokens[place].text for place in fields),
        patterns=tuple(tokens[place + 2].text for place in matches),
        shape=_shape(tokens, calls, fields),
    )


def renamed(name: str) -> str:
    """What the library calls a field, or our own `matches`: with a capital letter, so that no field can be taken for a word of its own.

    `package` and `type` are words of CEL, and fields may be called so.
    """
    return name[:1].upper() + name[1:]


def steps_of(shape: Shape, amount: Amount) -> int:
    """How many steps an evaluation takes at most on so much."""
    longest = WEIGHT_OF_A_VALUE + (1 + shape.joins) * (amount.joinable + shape.literals)
    once = shape.tokens * longest
    if shape.reads_in_loops is None:
        return once
    rounds = (1 + shape.joins) * (amount.members + shape.listed)
    return once + rounds * (WEIGHT_OF_A_VALUE * shape.tokens + shape.reads_in_loops * longest)


def _tokens(text: str) -> list[Token]:
    if len(text) > LONGEST_CONDITION:
        raise ConditionUnusable(f"it is longer than {LONGEST_CONDITION} characters")
    try:
        tokens = tokens_of(storable(text))
    except ValueError as error:
        raise ConditionUnusable(f"it holds what is no text: {error}") from None
    if tokens is None:
        raise ConditionUnusable("it is no expression in CEL, or has comments, triple quotes or bytes, which are not offered")
    if depth_of(tokens) > DEEPEST:
        raise ConditionUnusable(f"its brackets are nested deeper than {DEEPEST} levels")
    return tokens


def _faults_of_calls(tokens: Sequence[Token], calls: Sequence[Call]) -> Iterator[str]:
    for call in calls:
        if call.name in _SLOW:
            yield f"`{call.name}` is not offered, because its time grows with the square of the list; `exists` and `all` are"
        elif call.name not in FUNCTIONS:
            yield f"no function is called `{call.name}`"
        elif call.name == MATCHES and not _takes_a_text(tokens, call):
            yield "`matches` is asked of a value and takes one pattern, written as a text"
        elif (fault := _fault_of_arguments(tokens, call)) is not None:
            yield fault
    for before, after in pairwise(tokens):
        if before.kind == "name" and after.text == "{":
            yield "messages are not offered"


def _fault_of_arguments(tokens: Sequence[Token], call: Call) -> str | None:
    is_of_a_value = call.place > 0 and tokens[call.place - 1].text == "."
    needed = (_OF_A_VALUE if is_of_a_value else _BY_ITSELF).get(call.name)
    if needed is None:
        return f"`{call.name}` is {'called by itself' if is_of_a_value else 'asked of a value'}"
    return None if arguments_of(tokens, call) == needed else f"the number of arguments of `{call.name}` is {needed}"


def _takes_a_text(tokens: Sequence[Token], call: Call) -> bool:
    return call.place > 0 and tokens[call.place - 1].text == "." and call.end == call.place + 3 and tokens[call.place + 2].kind == "text"


def _faults_of_loops(calls: Sequence[Call]) -> Iterator[str]:
    ended = -1
    for loop in _loops(calls):
        if loop.place < ended:
            yield "a loop in a loop is not offered"
        ended = max(ended, loop.end)


def _loops(calls: Sequence[Call]) -> list[Call]:
    return [call for call in calls if call.name in _LOOPS]


def _fields_at(tokens: Sequence[Token], calls: Sequence[Call]) -> list[int]:
    """The places where fields are read: variables, but for what a loop calls the member it is at, which is the first name between its brackets."""
    found = []
    for place in variables_at(tokens):
        around = [loop for loop in _loops(calls) if loop.place < place < loop.end]
        if not any(tokens[place].text == tokens[loop.place + 2].text for loop in around):
            found.append(place)
    return found


def _shape(tokens: Sequence[Token], calls: Sequence[Call], fields: Sequence[int]) -> Shape:
    loops = _loops(calls)
    signs = Counter(token.text for token in tokens if token.kind == "sign")
    listed = len(tokens) if signs["["] or signs["{"] else 0
    return Shape(
        tokens=len(tokens),
        joins=signs["+"],
        literals=sum(len(token.text) for token in tokens if token.kind == "text") + WEIGHT_OF_A_VALUE * listed,
        listed=listed,
        reads_in_loops=sum(loop.place < place < loop.end for loop in loops for place in fields) if loops else None,
    )


def _renamed(text: str, starts: Sequence[int]) -> str:
    """The text with a capital letter at these places: as long as before, so that the library tells places rightly."""
    characters = list(text)
    for start in starts:
        characters[start] = characters[start].upper()
    return "".join(characters)
