"""Finds what something is said to be called: the words after "called", "named", "titled", "name it", in large or small letters."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from factbook.language.reading.words import Span, at, listed
from factbook.language.rules.names import is_common
from factbook.language.rules.turns import Read

_NAMING = listed("called named titled entitled labelled labeled")
_TELLING = listed("name call title label rename")
_OBJECTS = listed("it this that them")
_ENDS = listed(', ; : ! ? . ) ( " \u201d and but please instead which that so or then because with from is are was has looks sounds')
_LEADS = listed("for at on in to by of")
_LONGEST = 6  # words of a name
_DETERMINERS = listed("the a an my your me us it this that these tomorrow today")


@dataclass(frozen=True, slots=True)
class CalledName(Span):
    """The words of a name, with the index of the word that introduces them."""

    named_at: int


def called_names(read: Read, taken: Collection[Span]) -> list[CalledName]:
    """The names in a text, in order; none reaches into what is already read as something else."""
    starts = {span.start for span in taken}
    return list(_called_names(read, starts))


def _called_names(read: Read, starts: Collection[int]) -> Iterator[CalledName]:
    for index, token in enumerate(read.tokens):
        begin = _begin(read, index) if token.word in _NAMING or token.word in _TELLING else None
        if begin is None:
            continue
        end = _end(read, begin, starts)
        if end > begin:
            yield CalledName(read.tokens[begin].start, read.tokens[end - 1].end, index)


def _begin(read: Read, index: int) -> int | None:
    """Where the name begins that the word at the index introduces; None when it introduces none."""
    word, following = at(read.tokens, index), at(read.tokens, index + 1)
    begin = index + 1
    if word in _TELLING:
        if word == "name" and following in ("is", "to", "be", "as", ":", "should"):
            begin += 1
            while at(read.tokens, begin) in ("be", "is", ":"):
                begin += 1
        elif following in _OBJECTS:
            begin += 1
            begin += word == "rename" and at(read.tokens, begin) in ("to", "as")
        elif word in ("name", "title") and at(read.tokens, index - 1) == "the" and at(read.tokens, index - 2) in ("in", "with", "under", "by"):
            begin += following == "of"
        elif not (word == "name" and at(read.tokens, index - 1) in ("with", "in") and not is_common(following)):
            return None
    while at(read.tokens, begin) in ('"', "'", "\u201c", "\u2018"):
        begin += 1
    return begin if begin < len(read.tokens) and (read.tokens[begin].is_word or read.tokens[begin].is_figures) else None


def _end(read: Read, begin: int, starts: Collection[int]) -> int:
    sentence_end = read.sentence_at(begin).end
    end = begin
    while end < min(sentence_end, begin + _LONGEST):
        token = read.tokens[end]
        if token.start in starts or token.word in _ENDS:
            break
        if token.text in _LEADS and (end == begin or _leads_away(read, end, sentence_end, starts)):
            break
        end += 1
    if end == begin + _LONGEST and end < sentence_end and read.tokens[end].is_word:
        return begin  # so many words are no name
    return end


def _leads_away(read: Read, index: int, sentence_end: int, starts: Collection[int]) -> bool:
    """Whether the preposition at the index begins something else than the name's last word: a time, a place with its article, a purpose."""
    following = index + 1
    if following >= sentence_end or read.tokens[following].start in starts or at(read.tokens, following) in _DETERMINERS:
        return True
    return read.tokens[following].text[0].isupper() or at(read.tokens, index) in ("in", "at", "on", "to")
