"""Finds which of a field's allowed values a text names.

A value is named by its own words in any case, hyphenated or not, the last one singular or plural; a number also by its number word; and, less surely,
without a last word that several of the values share: "Delta" for "Delta Airlines" beside "United Airlines". Longer names hide shorter ones inside.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from factbook.language.reading.numbers import number_of, numbers
from factbook.language.reading.words import Span, Token, tokens, words

_KEPT = 256
_MOST_VALUES = 1000
_LEADS = frozenset({"a", "an", "the", "by", "or", "and", "my", "your"})
_JOINTS = frozenset(" -_/&\u00a0")


@dataclass(frozen=True, slots=True)
class Choice(Span):
    """A place where a text names an allowed value. `is_full` is false for a shortened name."""

    value: str
    is_full: bool


def choices(text: str, allowed: Sequence[str], read: Sequence[Token] | None = None) -> list[Choice]:
    """Where the text names which allowed value, in order, without overlaps."""
    found = list(_choices(text, tuple(allowed[:_MOST_VALUES]), tokens(text) if read is None else read))
    return sorted((choice for choice in found if not any(_hides(other, choice) for other in found)), key=lambda choice: choice.start)


def hinted(hint: str, allowed: Sequence[str]) -> dict[str, str]:
    """Other words for allowed values, by these words, as a hint has them in brackets behind a value: "refund (money back, a credit)"."""
    found: dict[str, str] = {}
    for value in allowed[:_MOST_VALUES]:
        _, opening, rest = hint.casefold().partition(f"{value.casefold()} (")
        inside, closing, _ = rest.partition(")")
        for text in inside.split(",") if opening and closing else ():
            said = words(text)
            while said and said[0] in _LEADS:
                said = said[1:]
            if said:
                found.setdefault(" ".join(said), value)
    return {text: value for text, value in found.items() if text not in map(str.casefold, allowed)}


def singular(word: str) -> str:
    """The word without the s of its plural."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _hides(longer: Choice, shorter: Choice) -> bool:
    inside = longer.start <= shorter.start and shorter.end <= longer.end
    return longer is not shorter and inside and longer.end - longer.start > shorter.end - shorter.start


def _choices(text: str, allowed: tuple[str, ...], read: Sequence[Token]) -> Iterator[Choice]:
    names, figures = _names(allowed)
    plain = [token for token in read if token.is_word or token.is_figures]
    for index, token in enumerate(plain):
        for name, value, is_full in names.get(singular(token.word), ()):
            last = index + len(name) - 1
            if (
                last < len(plain)
                and all(singular(plain[index + step].word) == part for step, part in enumerate(name))
                and _joined(text, plain, index, last)
            ):
                yield Choice(token.start, plain[last].end, value, is_full)
    for number in numbers(text, read) if figures else ():
        if number.value in figures:
            yield Choice(number.start, number.end, figures[number.value], is_full=True)


def _joined(text: str, plain: Sequence[Token], first: int, last: int) -> bool:
    """Whether only spaces and hyphens stand between the tokens."""
    return all(_JOINTS.issuperset(text[plain[index].end : plain[index + 1].start][:4]) for index in range(first, last))


_Names = dict[str, list[tuple[tuple[str, ...], str, bool]]]


@lru_cache(maxsize=_KEPT)
def _names(allowed: tuple[str, ...]) -> tuple[_Names, dict[Decimal, str]]:
    """The names of the values by their first word, and the values that are numbers."""
    figures = {number: value for value in reversed(allowed) if (number := number_of(value)) is not None}
    spelled = {value: tuple(map(singular, words(value))) for value in allowed if value not in figures.values()}
    last_words = Counter(name[-1] for name in spelled.values() if len(name) > 1)
    taken = set(spelled.values())
    names: _Names = {}
    for value, name in spelled.items():
        if not name:
            continue
        names.setdefault(name[0], []).append((name, value, True))
        if last_words[name[-1]] > 1 and name[:-1] not in taken:
            names.setdefault(name[0], []).append((name[:-1], value, False))
    return names, figures
