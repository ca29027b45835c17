"""Yes and no: a field that is a question is answered by the customer's yes or no to it, or by a statement that names the field's own matter."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from factbook.language.evidence import verdict_of
from factbook.language.reading.assent import answer_of, is_negation
from factbook.language.reading.words import listed
from factbook.language.rules.claims import CLEAR, LIKELY, Claim
from factbook.language.rules.facets import Facet, Kind
from factbook.language.rules.mentions import Mention
from factbook.language.rules.stems import names_all, stem, stems
from factbook.language.rules.turns import Mood, Read, Sentence, Turn

_ANSWER_REACH = 8  # tokens of a message that answer a question
_ASKING = listed("do does did is are was has have can")
_SUBJECTS = listed("they it there the this that these he she we")
_WISHING = listed("need want like prefer require should must with looking please make find good fine ok okay great can would yes")


def verdicts(turn: Turn, facets: Sequence[Facet], asked: frozenset[str]) -> Iterator[Claim]:
    """What the customer's message says of fields that are yes or no."""
    wanted = [facet for facet in facets if facet.kind is Kind.BOOLEAN]
    answered = [facet for facet in wanted if facet.name in asked]
    answer = answer_of(turn.source.text) if len(answered) == 1 else None
    if answer is not None and turn.said.tokens:
        yield _claim(turn, answered[0], answer, 0, min(_ANSWER_REACH, turn.said.sentences[0].end) - 1, CLEAR)
        return
    for sentence in turn.said.sentences if wanted else ():
        if sentence.mood is Mood.ASKS or _asks_in_passing(turn.said, sentence):
            continue
        said = [token.word for token in turn.said.tokens[sentence.start : sentence.end]]
        heard = stems(said)
        for facet in wanted:
            if names_all(heard, facet.own) and not heard.isdisjoint(stems(_WISHING)):
                places = [sentence.start + i for i, word in enumerate(said) if stem(word) in stems(facet.own)]
                denied = [sentence.start + i for i, word in enumerate(said) if is_negation(word)]
                first, last = min(places + denied), max(places + denied)
                yield _claim(turn, facet, not denied, first, last, LIKELY)


def _asks_in_passing(said: Read, sentence: Sentence) -> bool:
    """Whether the sentence ends in a question about something: "yes, but do they have a garden?"."""
    read = [token.word for token in said.tokens[sentence.start : sentence.end]]
    return read[-1:] == ["?"] and any(pair[0] in _ASKING and pair[1] in _SUBJECTS for pair in pairwise(read))


def _claim(turn: Turn, facet: Facet, verdict: bool, first: int, last: int, confidence: float) -> Claim:
    tokens = turn.said.tokens
    start, end = tokens[first].start, tokens[last].end
    allowed = facet.field.allowed_values
    value = verdict if allowed is None else next((each for each in allowed if verdict_of(each) is verdict), str(verdict))
    mention = Mention(start, end, Kind.BOOLEAN, str(verdict), first, last)
    return Claim(facet.name, value, confidence, turn.source.id, turn.source.text[start:end], mention)
