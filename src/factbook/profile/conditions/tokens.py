"""A condition's text as tokens, as far as its limits need them: names, calls, texts, and how deep brackets stand in each other.

Whatever two readers could take apart differently is no token here and so refused: comments, triple quotes, bytes, two texts side by side. What is
left reads the same to the library that evaluates it, and what looks like a text here is one there.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\n]+)
    | (?P<text>[rR](?:'[^'\n\r]*'|"[^"\n\r]*")(?!['"]) | '(?:[^'\\\n\r]|\\.)*'(?!['"]) | "(?:[^"\\\n\r]|\\.)*"(?!['"]))
    | (?P<number>0[xX][0-9a-fA-F]+[uU]? | [0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?[uU]?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)(?!['"])
    | (?P<sign>&& | \|\| | [<>=!]= | [-+*%<>!?:.,()\[\]{}] | /(?!/))
    """,
    re.VERBOSE,
)
_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
_WORDS = frozenset({"in", "true", "false", "null"})


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind (text, number, name or sign), its text and where it begins."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Call:
    """A call: the place of its name among the tokens, and of the bracket that closes it."""

    name: str
    place: int
    end: int


def tokens_of(text: str) -> list[Token] | None:
    """The tokens of a condition; None when a part of it is none."""
    tokens, at = [], 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            return None
        if found.lastgroup != "space":
            tokens.append(Token(found.lastgroup, found[0], at))
        at = found.end()
    return tokens


def depth_of(tokens: Sequence[Token]) -> int:
    """How many brackets and choices (`? :`) stand in each other at the deepest place. Each of them is a call of the parser inside another."""
    deepest, at = 0, [0]
    for token in tokens:
        if token.text in _OPENING:
            at.append(at[-1] + 1)
        elif token.text in _CLOSING and len(at) > 1:
            at.pop()
        elif token.text == "?":
            at[-1] += 1
        deepest = max(deepest, at[-1])
    return deepest


def calls_in(tokens: Sequence[Token]) -> list[Call]:
    """Every name before an opening bracket, in the order of the text."""
    places = [place for place, token in enumerate(tokens[:-1]) if token.kind == "name" and tokens[place + 1].text == "("]
    return [Call(tokens[place].text, place, _end_of(tokens, place)) for place in places]


def arguments_of(tokens: Sequence[Token], call: Call) -> int:
    """How many arguments a call is given."""
    depth = commas = 0
    for token in tokens[call.place + 2 : call.end]:
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        commas += token.text == "," and depth == 0
    return commas + 1 if call.end > call.place + 2 else 0


def _end_of(tokens: Sequence[Token], name_at: int) -> int:
    depth = 0
    for place in range(name_at + 1, len(tokens)):
        depth += (tokens[place].text in _OPENING) - (tokens[place].text in _CLOSING)
        if depth == 0:
            return place
    return len(tokens)


def variables_at(tokens: Sequence[Token]) -> list[int]:
    """The places of names that are read as variables: neither called nor selected of something nor words of the language."""
    called = {call.place for call in calls_in(tokens)}
    return [
        place
        for place, token in enumerate(tokens)
        if token.kind == "name" and place not in called and token.text not in _WORDS and (place == 0 or tokens[place - 1].text != ".")
    ]
