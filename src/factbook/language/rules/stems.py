"""Compares words by their stems: "shared", "sharing" and "share" are one, "bedroom" is a kind of "bed"."""

from collections.abc import Collection
from functools import lru_cache

from factbook.language.reading.choices import singular

_ENDINGS = ("ing", "ed", "er", "es", "al", "e", "s")
_SHORTEST = 3
_IRREGULAR = {
    "born": "birth",
    "birthday": "birth",
    "birthdate": "birth",
    "dob": "birth",
    "paid": "pay",
    "bought": "buy",
    "sent": "send",
    "borrow": "loan",
    "earn": "income",
}
_LONGEST = 30


def stem(word: str) -> str:
    """The word without a common ending, never shorter than three letters. What is longer than words are is left as it is."""
    return _stem(word) if len(word) <= _LONGEST else word


@lru_cache(maxsize=4096)
def _stem(word: str) -> str:
    base = singular(_IRREGULAR.get(word, word))
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
