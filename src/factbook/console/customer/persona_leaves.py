"""Decides how a persona reads on a page: its parts with their leaves, each text beside the words that it rests on, and what is not known. Pure.

Any JSON object reads: a persona that was brought in from elsewhere has the shape that it came in, and texts without sources.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from factbook.console.showing import spoken
from factbook.console.word_differences import Words, word_difference
from factbook.persona import UNKNOWN, difference


@dataclass(frozen=True, slots=True)
class Said:
    """A text of a persona. `origin` is `submissions`, `demographics`, or None where nothing is on record of where it comes from."""

    name: str
    text: str
    origin: str | None
    sources: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Part:
    """What stands under one heading."""

    name: str
    said: Sequence[Said]


@dataclass(frozen=True, slots=True)
class Read:
    """A persona as it is read. `left_out` counts texts that a short look does not show; `unknown` names leaves that say nothing, by part."""

    parts: Sequence[Part]
    unknown: Sequence[str]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of the texts at one place of the persona, one list of words for each text."""

    name: str
    texts: Sequence[Sequence[Words]]


def read(document: Mapping[str, Any], statements: Sequence[Mapping[str, Any]]) -> Read:
    """The persona with everything it says."""
    by_path = {each["path"]: each for each in statements}
    parts: dict[str, list[Said]] = {}
    unknown: dict[str, list[str]] = {}
    for path, value in _leaves((), document):
        texts = _texts(value)
        if not texts:
            unknown.setdefault(spoken(path[0]), []).extend(map(spoken, path[1:][-1:]))
        for index, text in enumerate(texts):
            address = f"{'.'.join(path)}[{index}]" if isinstance(value, list) else ".".join(path)
            statement = by_path.get(address, {})
            said = Said(spoken(path[-1]), text, statement.get("origin"), statement.get("sources", ()))
            parts.setdefault(spoken(path[0]), []).append(said)
    silent = [f"{part} ({', '.join(names)})" if names else part for part, names in unknown.items()]
    return Read([Part(name, said) for name, said in parts.items()], silent)


def first_of(persona: Read, most: int) -> Read:
    """The persona with the first `most` of its texts."""
    parts, left = [], most
    for part in persona.parts:
        if left > 0:
            parts.append(replace(part, said=part.said[:left]))
        left -= len(part.said)
    return replace(persona, parts=parts, left_out=max(0, -left))


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Changed]:
    """What changed from one persona to another, in the order of the second. In a list the first that went is held against the first that came."""
    found = difference(before, after)
    went: dict[str, list[str]] = {}
    came: dict[str, list[str]] = {}
    for texts, pairs in ((went, found.removed), (came, found.added)):
        for path, text in pairs:
            texts.setdefault(path, []).append(text)
    for path, old, new in found.changed:
        went[path], came[path] = [old], [new]
    in_order = {".".join(path): None for document in (after, before) for path, _ in _leaves((), document)}
    paths = [path for path in in_order | dict.fromkeys([*went, *came]) if path in went or path in came]
    return [
        Changed(_heading(path), [word_difference(*pair) for pair in zip_longest(went.get(path, ()), came.get(path, ()), fillvalue="")])
        for path in paths
    ]


def _heading(path: str) -> str:
    return " · ".join(map(spoken, path.split(".")))


def _leaves(above: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves((*above, key), inner)
    else:
        yield above, value


def _texts(value: Any) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    return [
        entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
        for entry in entries
        if entry not in (None, UNKNOWN)
    ]
