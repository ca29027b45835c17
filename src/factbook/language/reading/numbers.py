"""Reads numbers: figures with separators, and English number words up to millions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from factbook.language.reading.words import Span, Token, adjacent, at, in_order, tokens

_ONES = in_order("""
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen
    """)
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
UNITS = {word: number for number, word in enumerate(_ONES)} | {word: 10 * number for number, word in enumerate(_TENS, 2)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_BEGINNINGS = frozenset({*UNITS, *_SCALES, "a"})
_MOST_FIGURES = 15  # as many as a JSON number surely keeps
_LONGEST = 12  # number words in a row
_CLOSE_UNITS = frozenset({"k", "x", "kg", "g", "cm", "mm", "m", "km", "gb", "mb", "h", "min", "eur", "usd", "gbp"})
_WRITTEN = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?")


@dataclass(frozen=True, slots=True)
class Number(Span):
    """A number in a text."""

    value: Decimal
    in_words: bool = False


def numbers(text: str, read: Sequence[Token] | None = None) -> list[Number]:
    """The numbers in a text, in order. Part of a longer code ("A12", "3-4-5") is no number."""
    return list(_numbers(tokens(text) if read is None else read))


def number_of(text: str) -> Decimal | None:
    """The number that a whole text writes, in figures or in words."""
    if _WRITTEN.fullmatch(text.strip()):
        return Decimal(text.strip())
    found = numbers(text)
    return found[0].value if len(found) == 1 and text[: found[0].start].strip() == text[found[0].end :].strip() == "" else None


def plain(value: Decimal) -> int | float:
    """The number as JSON has it: whole ones as integers."""
    return int(value) if value == value.to_integral_value() else float(value)


def _numbers(read: Sequence[Token]) -> Iterator[Number]:
    index = 0
    while index < len(read):
        token = read[index]
        found = _in_figures(read, index) if token.is_figures else _in_words(read, index) if token.word in _BEGINNINGS else None
        if found is None:
            index += 1
        else:
            number, index = found
            yield number


def _in_figures(read: Sequence[Token], index: int) -> tuple[Number, int] | None:
    first, end = read[index], index + 1
    digits, fraction = first.text, ""
    while at(read, end) == "," and adjacent(read, end) and adjacent(read, end + 1) and len(at(read, end + 1)) == 3 and read[end + 1].is_figures:
        digits += read[end + 1].text
        end += 2
    if at(read, end) == "." and adjacent(read, end) and adjacent(read, end + 1) and read[end + 1].is_figures:
        fraction = read[end + 1].text
        end += 2
    if len(digits) + len(fraction) > _MOST_FIGURES or _is_tail(read, index) or _is_head(read, end):
        return None
    negative = at(read, index - 1) in ("-", "\u2212") and adjacent(read, index) and not adjacent(read, index - 1)
    value = Decimal(f"{digits}.{fraction}" if fraction else digits)
    return Number(first.start, read[end - 1].end, -value if negative else value), end


def _is_tail(read: Sequence[Token], index: int) -> bool:
    """Whether the figures at the index are the end of something longer: "A12", "3-4", "12:30", "#7"."""
    if not adjacent(read, index):
        return False
    before = read[index - 1]
    return before.is_word or before.text in "#@_" or (before.text in ":/-.," and adjacent(read, index - 1))


def _is_head(read: Sequence[Token], end: int) -> bool:
    """Whether what follows belongs to the figures before it: "3rd", "5pm", "12:30", "3/4", but not "3-bedroom" or "2x"."""
    if not adjacent(read, end):
        return False
    after = read[end]
    if after.is_word:
        return after.word not in _CLOSE_UNITS
    figures_follow = adjacent(read, end + 1) and read[end + 1].is_figures
    return after.text in "@_" or (after.text in ":/-." and figures_follow)


def _in_words(read: Sequence[Token], index: int) -> tuple[Number, int] | None:
    """Words such as "two", "twenty-five", "a hundred", "three hundred and ten"."""
    total, group, end, seen = 0, 0, index, False
    while end < len(read) and end - index < _LONGEST:
        word = read[end].word
        if word in UNITS and _continues(group, UNITS[word], seen):
            group, seen = group + UNITS[word], True
        elif word in _SCALES and (group or not seen):
            group = (group or 1) * _SCALES[word]
            total, group, seen = (total + group, 0, True) if _SCALES[word] > 100 else (total, group, True)
        elif seen and word in ("-", "and") and at(read, end + 1) in UNITS and (word == "and") == (group % 100 == 0):
            if word == "and" and not (group or total):
                break
        elif not (word == "a" and not seen and at(read, end + 1) in _SCALES):
            break
        end += 1
    if not seen:
        return None
    return Number(read[index].start, read[end - 1].end, Decimal(total + group), in_words=True), end


def _continues(group: int, unit: int, seen: bool) -> bool:
    """Whether a word may follow what was read: "twenty five" is one number, "two three" is two."""
    tail = group % 100
    return not seen or tail == 0 or (tail >= 20 and tail % 10 == 0 and 0 < unit < 10)
