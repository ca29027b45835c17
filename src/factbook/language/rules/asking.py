"""Reads which fields the agent's last words ask for.

A sentence that names a value ("today at 5 pm, right?") asks for no field of that kind: it wants a yes, and a yes states nothing of its own.
"""

from collections.abc import Collection, Iterator, Sequence

from factbook.language.evidence import IDLE_WORDS
from factbook.language.reading.choices import singular
from factbook.language.reading.words import Token, holds, listed, words
from factbook.language.rules.facets import DATE_WORDS, PEOPLE_WORDS, PLACE_WORDS, TIME_WORDS, Facet, Kind, Role
from factbook.language.rules.mentions import Mention
from factbook.language.rules.stems import names_all, stem, stems
from factbook.language.rules.turns import Read, Sentence

_REQUESTING = listed(
    "why what what's which when where who whose how please provide tell give need know specify enter share confirm may any do can could would is are"
)
_YOU = listed("you your should about")
_KIND_WORDS = {
    Kind.DATE: DATE_WORDS | {"when"},
    Kind.TIME: TIME_WORDS | {"when"},
    Kind.PLACE: (PLACE_WORDS - {"place"}) | {"where"},
    Kind.EMAIL: listed("email mail address"),
    Kind.PHONE: listed("phone telephone mobile cell number"),
}
_STARTING = listed("from origin departure depart leave start pickup leaving begin outbound")
_ENDING = listed("return arrive arrival dropoff end inbound back checkout until")
_MOVING = listed("go going head headed heading travel traveling travelling fly flying plan")
# "Where are you going?" asks where to, "when are you going?" asks when from.
_ASKING_SIDE = {
    (Kind.PLACE, Role.START): stems(_STARTING),
    (Kind.PLACE, Role.END): stems(_ENDING | _MOVING | {"to", "destination", "bound"}),
    (Kind.DATE, Role.START): stems(_STARTING | _MOVING),
    (Kind.DATE, Role.END): stems(_ENDING),
}
_GENERIC = listed("full customer name number amount of date time type category title id code address city location")


def asked_fields(before: Read | None, offered: Collection[Mention], facets: Sequence[Facet]) -> frozenset[str]:
    """The names of the fields that the agent's text asks for."""
    if before is None:
        return frozenset()
    found: set[str] = set()
    for sentence in before.sentences:
        inside = before.tokens[sentence.start : sentence.end]
        if not _is_request(inside):
            continue
        named = [mention for mention in offered if sentence.start <= mention.first < sentence.end]
        valued = {mention.kind for mention in named}
        found |= _fields_to_choose_for(named)
        to_customer = is_question(inside) and any(token.word in _YOU for token in inside)
        for said in _clauses(before, sentence):
            for facet in facets:
                if facet.kind not in valued and (to_customer or facet.kind is not Kind.BOOLEAN) and asks_for(said, facet, facets):
                    found.add(facet.name)
    return frozenset(found)


def _fields_to_choose_for(named: Collection[Mention]) -> set[str]:
    """The fields of which the sentence names two values or more: "music or sports?"."""
    values = {(mention.field, mention.meaning) for mention in named if mention.kind is Kind.CHOICE}
    fields = [field for field, _ in values if field is not None]
    return {field for field in fields if fields.count(field) > 1}


def _is_request(inside: Sequence[Token]) -> bool:
    return is_question(inside) or any(token.word in _REQUESTING for token in inside)


def is_question(inside: Sequence[Token]) -> bool:
    """Whether the sentence ends with a question mark."""
    return any(token.text == "?" for token in inside)


def _clauses(before: Read, sentence: Sentence) -> Iterator[list[str]]:
    """The words of each clause; "where and when" stay together."""
    clause: list[str] = []
    for token in before.tokens[sentence.start : sentence.end]:
        if token.text == "," or (token.word in ("and", "or") and len(clause) > 2):
            yield clause
            clause = []
        elif token.is_word:
            clause.append(singular(token.word))
    yield clause


def asks_for(said: Sequence[str], facet: Facet, facets: Sequence[Facet]) -> bool:
    """Whether the words ask for this field: by its own words, or by words of its kind where no other field of the kind is meant."""
    heard = stems(said)
    rivals = [other for other in facets if other.kind is facet.kind and other is not facet]
    if facet.kind is Kind.TEXT and "reason" in facet.own and "why" in said:
        return len([other for other in rivals if "reason" in other.own]) == 0
    if facet.kind is Kind.BOOLEAN:
        return names_all(heard, facet.own)
    if facet.kind in _KIND_WORDS and not _KIND_WORDS[facet.kind].isdisjoint(said):
        return not rivals or _is_meant(heard, facet, rivals)
    if facet.counts_people and (holds(said, ("how", "many")) or "number" in said):
        return not PEOPLE_WORDS.isdisjoint(said)
    head = _head(facet)
    return stem(head) in heard and (head not in _GENERIC or not rivals or _is_meant(heard, facet, rivals))


def _is_meant(heard: Collection[str], facet: Facet, rivals: Sequence[Facet]) -> bool:
    """Whether the words tell the field from the others of its kind: by a word of its own, or by whence and where to."""
    shared = frozenset(word for other in rivals for word in other.own)
    if stems((facet.own - shared) - _GENERIC) & frozenset(heard):
        return True
    asked = _ASKING_SIDE.get((facet.kind, facet.role), frozenset())
    return bool(asked & frozenset(heard)) and all(other.role is not facet.role for other in rivals)


def _head(facet: Facet) -> str:
    """The word of the name that says what the field is: "class" of a flight class, "restaurant" of a restaurant's name."""
    named = [singular(word) for word in words(facet.name) if word not in IDLE_WORDS]
    telling = [word for word in named if word not in _GENERIC]
    return telling[-1] if telling else named[-1] if named else ""
