"""Reads which fields the agent's last words ask for, and which values they offer or repeat.

A sentence that names a value ("today at 5 pm, right?") asks for no field of that kind: it wants a yes, and a yes states nothing of its own.
"""

from collections.abc import Collection, Sequence

from factbook.language.reading.choices import singular
from factbook.language.reading.words import Token, holds, listed
from factbook.language.rules.facets import DATE_WORDS, PEOPLE_WORDS, PLACE_WORDS, TIME_WORDS, Facet, Kind
from factbook.language.rules.mentions import Mention
from factbook.language.rules.stems import names_all, stems
from factbook.language.rules.turns import Read, Sentence

_REQUESTING = listed(
    "what what's which when where who whose how please provide tell give need know specify enter share confirm may any do can could would is are"
)
_KIND_WORDS = {
    Kind.DATE: DATE_WORDS | {"when"},
    Kind.TIME: TIME_WORDS | {"when"},
    Kind.PLACE: (PLACE_WORDS - {"place"}) | {"where"},
    Kind.EMAIL: listed("email mail address"),
    Kind.PHONE: listed("phone telephone mobile cell number"),
}


def asked_fields(before: Read | None, offered: Collection[Mention], facets: Sequence[Facet]) -> frozenset[str]:
    """The names of the fields that the agent's text asks for."""
    if before is None:
        return frozenset()
    found: set[str] = set()
    for sentence in before.sentences:
        if _is_request(before, sentence):
            valued = {mention.kind for mention in offered if sentence.start <= mention.first < sentence.end}
            said = [singular(token.word) for token in before.tokens[sentence.start : sentence.end] if token.is_word]
            found |= {facet.name for facet in facets if facet.kind not in valued and asks_for(said, facet, facets)}
    return frozenset(found)


def _is_request(before: Read, sentence: Sentence) -> bool:
    tokens: Sequence[Token] = before.tokens[sentence.start : sentence.end]
    return any(token.text == "?" for token in tokens) or any(token.word in _REQUESTING for token in tokens)


def asks_for(said: Sequence[str], facet: Facet, facets: Sequence[Facet]) -> bool:
    """Whether the words ask for this field: by its own words, or by words of its kind where no other field of the kind is meant."""
    heard = stems(said)
    rivals = [other for other in facets if other.kind is facet.kind and other is not facet]
    if facet.kind is Kind.BOOLEAN:
        return names_all(heard, facet.own)
    if facet.kind in _KIND_WORDS and not _KIND_WORDS[facet.kind].isdisjoint(said):
        return not rivals or bool(heard & stems(_telling(facet, rivals)))
    if facet.counts_people and (holds(said, ("how", "many")) or "number" in said):
        return not PEOPLE_WORDS.isdisjoint(said)
    own = stems(_telling(facet, rivals))
    return bool(own) and bool(heard & own)


def _telling(facet: Facet, rivals: Sequence[Facet]) -> frozenset[str]:
    """The field's own words that no other field of its kind has."""
    shared = frozenset(word for other in rivals for word in other.own)
    return (facet.own - shared) - _GENERIC


_GENERIC = listed("name number of date time type category title id code address city location")
