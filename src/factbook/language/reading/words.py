"""Cuts a text into words, figures and marks, each with its place, so that everything else reads tokens and looks only a few of them ahead."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

# A word with its apostrophes, a run of figures, or one mark. No two alternatives begin alike, so nothing is ever tried twice.
_TOKEN = re.compile(r"[^\W0-9_]+(?:['\u2019][^\W0-9_]+)*|[0-9]+|[^\w\s]|_")
_SENTENCE_MARKS = frozenset(".!?\n;")
_ABBREVIATIONS = frozenset({"dr", "mr", "mrs", "ms", "st", "prof", "jr", "sr", "no", "apt", "e", "g", "i", "p", "a"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a run of figures or a mark. `word` is what it is compared by: folded case, straight apostrophes."""

    text: str
    start: int
    end: int
    word: str

    @property
    def is_word(self) -> bool:
        """Whether it is made of letters."""
        return self.text[0].isalpha()

    @property
    def is_figures(self) -> bool:
        """Whether it is made of the figures 0 to 9."""
        return self.text[0] in "0123456789"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text, by the places of its first character and of the one after its last."""

    start: int
    end: int

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end


def in_order(line: str) -> tuple[str, ...]:
    """The words of a line, for vocabularies."""
    return tuple(line.split())


def listed(line: str) -> frozenset[str]:
    """The words of a line as a set."""
    return frozenset(line.split())


def phrases(line: str) -> tuple[tuple[str, ...], ...]:
    """The phrases of a line, which bars part."""
    return tuple(in_order(phrase) for phrase in line.split("|"))


def tokens(text: str) -> list[Token]:
    """All tokens of the text, in order."""
    return [Token(found[0], found.start(), found.end(), found[0].casefold().replace("\u2019", "'")) for found in _TOKEN.finditer(text)]


def words(text: str) -> list[str]:
    """The folded words and figures of a text or of a name in snake case, without marks."""
    return [token.word for token in tokens(text.replace("_", " ")) if token.is_word or token.is_figures]


def at(read: Sequence[Token], index: int) -> str:
    """The folded token at the index, or an empty text before the first and after the last."""
    return read[index].word if 0 <= index < len(read) else ""


def adjacent(read: Sequence[Token], index: int) -> bool:
    """Whether the token at the index follows the one before it without a space."""
    return 0 < index < len(read) and read[index - 1].end == read[index].start


def first_at(read: Sequence[Token], start: int) -> int:
    """The index of the first token that begins at this place of the text or later."""
    return bisect_left(read, start, key=lambda token: token.start)


def sentences(text: str, read: Sequence[Token]) -> list[tuple[int, int]]:
    """The text's sentences, as ranges of token indexes. A dot inside a figure, after an abbreviation or between initials ends none."""
    ranges, begin = [], 0
    for index, token in enumerate(read):
        broken = index > begin and "\n" in text[read[index - 1].end : token.start]
        if broken:
            ranges.append((begin, index))
            begin = index
        if token.text in _SENTENCE_MARKS and not (token.text == "." and _is_inside(read, index)):
            ranges.append((begin, index + 1))
            begin = index + 1
    if begin < len(read):
        ranges.append((begin, len(read)))
    return ranges


def _is_inside(read: Sequence[Token], index: int) -> bool:
    follows_closely = adjacent(read, index + 1)
    return (follows_closely and adjacent(read, index)) or (adjacent(read, index) and at(read, index - 1) in _ABBREVIATIONS)


def holds(haystack: Sequence[str], needle: Sequence[str]) -> bool:
    """Whether the words of `needle` stand in `haystack` in a row."""
    return bool(needle) and any(tuple(haystack[i : i + len(needle)]) == tuple(needle) for i in range(len(haystack) - len(needle) + 1))


def folded(text: str) -> str:
    """A text as it is compared: folded case, single spaces, straight apostrophes, trimmed."""
    return " ".join(text.casefold().replace("\u2019", "'").split())


def stands_in(value: str, text: str) -> bool:
    """Whether the value stands in the text as whole words, in whatever case and spacing. Scripts without case know no word boundary here."""
    needle, haystack = folded(value), folded(text)
    place = haystack.find(needle) if needle else -1
    while place >= 0:
        if _ends_word(haystack, place - 1, needle[0]) and _ends_word(haystack, place + len(needle), needle[-1]):
            return True
        place = haystack.find(needle, place + 1)
    return False


def _ends_word(text: str, neighbour: int, edge: str) -> bool:
    return not (0 <= neighbour < len(text) and _is_bound(text[neighbour]) and _is_bound(edge))


def _is_bound(character: str) -> bool:
    """Whether a character makes one word with a letter or figure beside it."""
    return character.isdigit() or character.lower() != character.upper()
