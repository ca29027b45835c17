"""Compares words by their stems: "shared", "sharing" and "share" are one, "bedroom" is a kind of "bed"."""

from collections.abc import Collection

from factbook.language.reading.choices import singular

_ENDINGS = ("ing", "ed", "er", "es", "al", "e", "s")
_SHORTEST = 3


def stem(word: str) -> str:
    """The word without a common ending, never shorter than three letters."""
    base = singular(word)
    for ending in _ENDINGS:
        if base.endswith(ending) and len(base) - len(ending) >= _SHORTEST:
            base = base[: -len(ending)]
            break
    if len(base) > _SHORTEST and base[-1] == base[-2] and base[-1] not in "aeiouls":
        base = base[:-1]
    return base


def stems(words: Collection[str]) -> frozenset[str]:
    """The stems of the words."""
    return frozenset(map(stem, words))


def names_all(heard: Collection[str], wanted: Collection[str]) -> bool:
    """Whether every one of the wanted words has its stem among those heard."""
    return bool(wanted) and stems(wanted) <= frozenset(heard)
