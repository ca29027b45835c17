"""Finds reasons: what follows "because", and a sentence that answers the question for the reason."""

from collections.abc import Iterator, Sequence

from factbook.language.reading.assent import answer_of, without_undecided
from factbook.language.reading.words import Token, at, listed
from factbook.language.rules.claims import GUESSED, LIKELY, WEAK, Claim
from factbook.language.rules.facets import Facet, Kind
from factbook.language.rules.mentions import Mention
from factbook.language.rules.names import is_common
from factbook.language.rules.turns import Mood, Read, Sentence, Turn

_LONGEST = 25  # tokens of a reason
_LONGEST_ANSWER = 14  # tokens of a sentence that is taken for one without "because"
_WISHING_REACH = 20  # tokens before "because" in which the customer says what they want
_WISHING = listed("want like need return returning come cancel cancelling close closing leave leaving refund change changing back exchange")
_OPENING = listed("it's its well um uh oh ok okay so sorry , : -")
_CLOSING = listed("please thanks thank you . , ! ;")
_NO_ANSWER = listed("why how can could would hello hi help wait later bye nothing none")


def reasons(turn: Turn, facets: Sequence[Facet], asked: frozenset[str]) -> Iterator[Claim]:
    """What the customer gives as the reason, for the one field of reasons, or the one that was asked for. Two fields leave it open."""
    wanted = [facet for facet in facets if facet.kind is Kind.TEXT and "reason" in facet.own and facet.field.value_type == "string"]
    wanted = [facet for facet in wanted if facet.name in asked] or wanted
    if len(wanted) != 1:
        return
    is_asked = wanted[0].name in asked
    given = [*_behind_because(turn.said, is_asked)]
    for first, last, confidence in given or (_answer(turn) if is_asked and len(asked) == 1 else ()):
        start, end = turn.said.tokens[first].start, turn.said.tokens[last].end
        quote = turn.source.text[start:end]
        yield Claim(wanted[0].name, quote, confidence, turn.source.id, quote, Mention(start, end, Kind.TEXT, quote, first, last))


def _behind_because(said: Read, is_asked: bool) -> Iterator[tuple[int, int, float]]:
    """The first and last token behind each "because", and how sure it is: unasked, it must say why something is wanted."""
    for index, token in enumerate(said.tokens):
        if token.word not in ("because", "cause", "'cause"):
            continue
        sentence = said.sentence_at(index)
        if sentence.end - index > _LONGEST + len(_CLOSING):
            continue
        first, last = _trimmed(said.tokens, index + 1 + (at(said.tokens, index + 1) == "of"), sentence.end - 1)
        if sentence.mood is Mood.ASKS or not 0 <= last - first < _LONGEST:
            continue
        before = said.tokens[max(sentence.start, index - _WISHING_REACH) : index]
        wished = any(each.word in _WISHING for each in before)
        yield first, last, LIKELY if is_asked else GUESSED if wished else WEAK


def _answer(turn: Turn) -> Iterator[tuple[int, int, float]]:
    """The first sentence, if it says something of its own and neither asks nor declines."""
    text, sentence = turn.source.text, turn.said.sentences[0] if turn.said.sentences else Sentence(0, 0, Mood.ASKS)
    if sentence.mood is Mood.ASKS or sentence.end - sentence.start > _LONGEST_ANSWER:
        return
    if answer_of(text) is not None or without_undecided(text) != text:
        return
    first, last = _trimmed(turn.said.tokens, sentence.start, sentence.end - 1)
    words = [token.word for token in turn.said.tokens[first : last + 1]]
    if words and not _NO_ANSWER & set(words) and "?" not in words and not all(is_common(word) for word in words):
        yield first, last, GUESSED


def _trimmed(tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    """The range without what only opens or ends an answer."""
    while first <= last and tokens[first].word in _OPENING:
        first += 1
    while last >= first and tokens[last].word in _CLOSING:
        last -= 1
    return first, last
