"""Decides which words went and which came between two texts. Pure.

Words are what stands between white space; how they are spaced is no difference. Beginning and end that are alike are set aside first. What is left
is aligned word by word up to a bound, since aligning takes time in the product of the lengths; beyond it all of it went and came.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import takewhile

# Words on either side. A thousand take some milliseconds.
MOST_ALIGNED = 1_000


class Change(StrEnum):
    """What became of words."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Words:
    """Words that follow each other and fared alike."""

    change: Change
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """The words with a space between them."""
        return " ".join(self.words)


def word_difference(before: str, after: str) -> list[Words]:
    """The words of both texts in order, what was removed ahead of what was added in its place.

    Without what was added it is `before`, without what was removed it is `after`, each with single spaces.
    """
    old, new = before.split(), after.split()
    begin = _alike(old, new)
    end = _alike(old[begin:][::-1], new[begin:][::-1])
    parts = [
        Words(Change.KEPT, tuple(old[:begin])),
        *_aligned(tuple(old[begin : len(old) - end]), tuple(new[begin : len(new) - end])),
        Words(Change.KEPT, tuple(old[len(old) - end :])),
    ]
    return [part for part in parts if part.words]


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """How many words both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _aligned(old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Words]:
    if max(len(old), len(new)) > MOST_ALIGNED:
        yield from (Words(Change.REMOVED, old), Words(Change.ADDED, new))
        return
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Words(Change.KEPT, old[i:j])
        else:
            yield from (Words(Change.REMOVED, old[i:j]), Words(Change.ADDED, new[k:m]))
