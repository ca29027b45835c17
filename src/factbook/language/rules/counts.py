"""Binds numbers: by the noun that they count, by the money they are of, by what they are said to be, or as the whole answer to a question."""

from collections.abc import Iterator, Sequence

from factbook.language.reading.choices import singular
from factbook.language.reading.words import listed
from factbook.language.rules.claims import CLEAR, LIKELY, POOR
from factbook.language.rules.context import Bound, Context, defined
from factbook.language.rules.cues import answers, nouns_near, words_after, words_before
from factbook.language.rules.facets import PEOPLE_WORDS, Facet, Kind
from factbook.language.rules.mentions import Mention
from factbook.language.rules.names import is_common
from factbook.language.rules.stems import stem, stems

_UNCOUNTED = listed("number count amount of total how many length")
_AFTER_PARTY = listed("at on in please for tomorrow today next this tonight and with to from i thank thanks . , ! ? )")
_MONEY_WORDS = listed("amount price cost rent budget income balance salary fare fee limit loan deposit payment credit debt turnover value")
_UNITS = listed("day night week month year hour minute mile kilometer")
_CURRENCIES = listed("$ \u20ac \u00a3 dollar dollars euro euros pound pounds usd eur gbp bucks")


def count(mention: Mention, context: Context) -> Iterator[Bound]:
    """The fields whose number the mention may be."""
    if context.wants_to_know(mention):
        return
    facets = [facet for facet in context.of_kind(Kind.NUMBER) if _is_allowed(mention, facet)]
    before, after = nouns_near(context.read, mention)
    meant = [facet for facet in facets if _counts(facet, before, words_after(context.read, mention))] or defined(mention, context, facets)
    meant = meant or [facet for facet in facets if _is_money(mention, context) and facet.own & _MONEY_WORDS]
    meant = meant or [facet for facet in facets if _is_age(before, after) and "age" in facet.own]
    asked = context.asked_of(facets)
    if len(meant) == 1:
        yield Bound(meant[0], CLEAR if asked == meant else LIKELY)
    elif len(asked) == 1 and answers(context.read, mention, _CURRENCIES if asked[0].own & _MONEY_WORDS else ()):
        yield Bound(asked[0], CLEAR)
    else:
        for facet in meant or facets:
            yield Bound(facet, POOR)


def _is_money(mention: Mention, context: Context) -> bool:
    beside = words_before(context.read, mention, 1) + words_after(context.read, mention, 1)
    return not _CURRENCIES.isdisjoint(beside)


def _is_age(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether somebody speaks of their age: "I'm 34", "34 years old"."""
    return list(after[:2]) == ["year", "old"] or ((list(before[:1]) == ["i'm"] or list(before[:2]) == ["am", "i"]) and not after)


def _is_allowed(mention: Mention, facet: Facet) -> bool:
    allowed = facet.field.allowed_values
    return allowed is None or str(mention.meaning) in allowed


def _counts(facet: Facet, before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether the number counts what the field counts: "2 people", "table for 2", "two checked bags", "three nights"."""
    if facet.counts_people:
        return _counts_party(after) or (list(before[:1]) == ["for"] and (not after or after[0] in _AFTER_PARTY))
    meant = stems(facet.own - _UNCOUNTED) or stems(facet.described - _UNCOUNTED)
    units = stems(_UNITS & facet.described)
    return any(_is_kind_of(stem(word), meant | units) for word in after[:2])


def _counts_party(after: Sequence[str]) -> bool:
    """Whether people follow the number, if need be behind what they sit on: "3 economy class seats"."""
    for word in after:
        if word in PEOPLE_WORDS or singular(word) in PEOPLE_WORDS:
            return True
        if is_common(word) or not word.isalpha():
            return False
    return False


def _is_kind_of(word: str, meant: frozenset[str]) -> bool:
    """Whether a noun is one of those meant or a compound that begins with one: "bedroom" for "bed"."""
    return word in meant or any(word.startswith(other) for other in meant if len(other) >= 3 and word.isalpha())
