"""Decides what changed between two versions of a persona: texts of lists that came or went, single texts that came, went or became another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from factbook.persona.computing.document import PersonaDocument
from factbook.persona.computing.leaves import Leaf


@dataclass(frozen=True, slots=True)
class Difference:
    """What the second version says that the first does not, what it says no longer, and what it says otherwise (path, before, after)."""

    added: list[tuple[str, str]]
    removed: list[tuple[str, str]]
    changed: list[tuple[str, str, str]]


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """What changed between two persona documents. The order of a list says nothing, so it is no change."""
    first, second = PersonaDocument.model_validate(before), PersonaDocument.model_validate(after)
    found = Difference([], [], [])
    for leaf in Leaf:
        old, new = first.texts(leaf), second.texts(leaf)
        if leaf.is_list or not old or not new:
            found.added.extend((leaf.value, text) for text in new if text not in old)
            found.removed.extend((leaf.value, text) for text in old if text not in new)
        elif old != new:
            found.changed.append((leaf.value, old[0], new[0]))
    return found
