"""Finds the known fields that a text takes for given: "by city and date", "at a given location", "a visit to the selected property".

A text that asks for nothing may still name, behind a preposition, what it cannot do without. That is an implication, and never sure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from factbook.language.reading.choices import singular
from factbook.language.reading.words import Span, Token, at, listed, sentences, tokens
from factbook.language.rules.facets import PLACE_WORDS, Facet, Kind, Role, facet_of
from factbook.language.rules.stems import stem, stems
from factbook.language.tasks import WantedField

_LEADING = listed("by in at for on of to with between from")
_FILLING = listed(
    "a an the given particular certain specific selected chosen any your his her their and or , by desired exact desired one pair number"
)
_OPTIONAL = listed("optional optionally")
_REACH = 8  # tokens behind the preposition


@dataclass(frozen=True, slots=True)
class TakenForGiven(Span):
    """A known field that a text names in passing."""

    field: WantedField
    is_optional: bool


def taken_for_given(text: str, known: Sequence[WantedField]) -> list[TakenForGiven]:
    """The known fields that the text takes for given, in order, each once."""
    facets = [facet_of(field) for field in known]
    found: dict[str, TakenForGiven] = {}
    read = tokens(text) if known else []
    for start, end in sentences(text, read) if known else []:
        for each in _in_sentence(read[start:end], facets):
            found.setdefault(each.field.name, each)
    return list(found.values())


def _in_sentence(sentence: Sequence[Token], facets: Sequence[Facet]) -> Iterator[TakenForGiven]:
    is_optional = False
    index = 0
    while index < len(sentence):
        if sentence[index].word not in _LEADING:
            index += 1
            continue
        place = index + 1
        while place < min(len(sentence), index + 1 + _REACH):
            token = sentence[place]
            is_optional = is_optional or token.word in _OPTIONAL
            if token.word in _OPTIONAL or token.word in _FILLING:
                place += 1
                continue
            meant = _meant(sentence, place, facets) if token.is_word else []
            if not meant:
                break
            yield from (TakenForGiven(token.start, token.end, facet.field, is_optional) for facet in meant)
            place += 1
        index = max(index + 1, place)


def _meant(sentence: Sequence[Token], place: int, facets: Sequence[Facet]) -> list[Facet]:
    """The fields that a noun means: by their own words, by their kind, or as the name of the thing."""
    word, noun = sentence[place].word, singular(sentence[place].word)
    is_plural = word != noun
    by_word = [facet for facet in facets if stem(noun) in stems(facet.own) and facet.kind not in (Kind.NAME, Kind.NUMBER, Kind.PHONE, Kind.ADDRESS)]
    counted = [
        facet
        for facet in facets
        if facet.kind is Kind.NUMBER and stem(noun) in stems(facet.own | facet.described) and "number" in at(sentence, place - 2)
    ]
    by_kind = [facet for facet in facets if facet.kind is Kind.PLACE and noun in PLACE_WORDS]
    as_name = [facet for facet in facets if facet.kind is Kind.NAME and facet.own == {noun, "name"} and not is_plural]
    for meant in (counted, as_name, by_word, by_kind):
        if len(meant) == 1 or (meant and is_plural):
            return meant
        if meant:
            starting = [facet for facet in meant if facet.role is Role.START]
            return starting if len(starting) == 1 else []
    return []
