"""Decides what changed between two versions of a persona: texts of lists that came or went, single texts that came, went or became another.

Any JSON object is compared: a persona that was brought in from the old service has the shape that its model gave it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from factbook.persona.computing.document import UNKNOWN, json_of
from factbook.persona.computing.leaves import PLACE

_PLACES: Mapping[str, int] = {leaf.value: place for leaf, place in PLACE.items()}


@dataclass(frozen=True, slots=True)
class Difference:
    """What the second version says that the first does not, what it says no longer, and what it says otherwise (path, before, after)."""

    added: list[tuple[str, str]]
    removed: list[tuple[str, str]]
    changed: list[tuple[str, str, str]]


@dataclass(slots=True)
class _Texts:
    """What stands at a path."""

    is_list: bool = False
    texts: list[str] = field(default_factory=list)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """What changed between two persona documents. The order of a list says nothing, so it is no change."""
    first, second = _by_path(before), _by_path(after)
    found = Difference([], [], [])
    for path in sorted(first.keys() | second.keys(), key=lambda path: (_PLACES.get(path, len(_PLACES)), path)):
        old, new = first.get(path, _Texts()), second.get(path, _Texts())
        if old.is_list or new.is_list or not old.texts or not new.texts:
            found.added.extend((path, text) for text in new.texts if text not in old.texts)
            found.removed.extend((path, text) for text in old.texts if text not in new.texts)
        elif old.texts != new.texts:
            found.changed.append((path, old.texts[0], new.texts[0]))
    return found


def _by_path(document: Mapping[str, Any]) -> dict[str, _Texts]:
    found: dict[str, _Texts] = {}
    for path, value in _values("", document):
        entries = value if isinstance(value, list) else [value]
        texts = [entry if isinstance(entry, str) else json_of(entry) for entry in entries if entry not in (None, UNKNOWN)]
        found[path] = _Texts(isinstance(value, list), texts)
    return found


def _values(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every value that is no object, by its path. What stands in a list is the list's, however deep it goes."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _values(f"{path}.{key}" if path else key, inner)
    else:
        yield path, value
