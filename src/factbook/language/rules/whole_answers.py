"""Takes a short message as the answer to the one thing that the agent asked, where nothing else is bound: "Reason for the visit?" - "Back pain"."""

from collections.abc import Collection, Iterator, Sequence

from factbook.language.reading.assent import answer_of, without_undecided
from factbook.language.reading.choices import singular
from factbook.language.reading.words import Token, listed
from factbook.language.rules.claims import GUESSED, Claim
from factbook.language.rules.facets import Facet, Kind
from factbook.language.rules.mentions import Mention
from factbook.language.rules.names import is_common
from factbook.language.rules.turns import Mood, Turn

_LONGEST = 8  # tokens of an answer
_TAKEN_WHOLE = frozenset({Kind.TEXT, Kind.NAME, Kind.OWN_NAME, Kind.PLACE, Kind.CODE})
_OPENING = listed(
    "it it's its is the a an my i'd like for in at to from because of as just um uh well oh ok okay i this that's that be would will , : - please"
)
_CLOSING = listed("please thanks thank you . , ! then now for me")
_NO_ANSWER = listed(
    """
    what why how when where who which can could would do does did is are you hello hi hey thanks thank help wait later bye i'll i don't no yes
    nothing none never want need
    """
)


def whole_answer(turn: Turn, facets: Sequence[Facet], asked: Collection[str], bound: Collection[Claim]) -> Iterator[Claim]:
    """The message's words as the value of the one field that was asked for, if they are few and say nothing else."""
    wanted = [facet for facet in facets if facet.name in asked]
    tokens = turn.said.tokens
    if len(wanted) != 1 or wanted[0].kind not in _TAKEN_WHOLE or not 0 < len(tokens) <= _LONGEST or bound:
        return
    if turn.said.sentences[0].mood is Mood.ASKS or answer_of(turn.source.text) is not None or without_undecided(turn.source.text) != turn.source.text:
        return
    first, last = _trimmed(tokens)
    words = [token.word for token in tokens[first : last + 1]]
    if all(singular(word) in wanted[0].own | wanted[0].described or is_common(word) for word in words):
        return
    if wanted[0].kind not in (Kind.TEXT, Kind.CODE) and any(is_common(word) for word in words if word not in ("of", "the", "and")):
        return
    if first <= last and not _NO_ANSWER & set(words) and tokens[first].text[0].isalnum() and not {"?", "!"} & set(words):
        start, end = tokens[first].start, tokens[last].end
        quote = turn.source.text[start:end]
        yield Claim(wanted[0].name, quote, GUESSED, turn.source.id, quote, Mention(start, end, wanted[0].kind, quote, first, last))


def _trimmed(tokens: Sequence[Token]) -> tuple[int, int]:
    """The first and last index of what is left without politeness around it."""
    first, last = 0, len(tokens) - 1
    while first <= last and tokens[first].word in _OPENING:
        first += 1
    while last >= first and tokens[last].word in _CLOSING:
        last -= 1
    return first, last
