"""Binds allowed values: a value's own name binds it to the field that allows it, if no other field does."""

from collections.abc import Iterator

from factbook.language.reading.choices import singular
from factbook.language.reading.words import listed
from factbook.language.rules.claims import CERTAIN, LIKELY, POOR, WEAK
from factbook.language.rules.context import Bound, Context, is_named
from factbook.language.rules.cues import is_alone, words_after, words_before
from factbook.language.rules.facets import PEOPLE_WORDS, Facet, Kind
from factbook.language.rules.mentions import Mention
from factbook.language.rules.names import is_common

_SEEKING = listed(
    "find search look looking book get show see buy interested want like love prefer watch recommend suggest choose take reserve order hear play"
)
# Nouns that a value stands before as its name: "express delivery", "savings account".
_CLASSES = listed("delivery shipping shipment option account plan method type kind class version size package tier service mode level rate")
_REACH = 7  # words before a mention in which a verb of seeking has it as its object


def choice(mention: Mention, context: Context) -> Iterator[Bound]:
    """An allowed value: no other field may know it, and a shortened name counts only when the field was asked for."""
    rivals = [facet for facet in context.of_kind(Kind.CHOICE) if mention.meaning in (facet.field.allowed_values or ())]
    (facet,) = (facet for facet in rivals if facet.name == mention.field)
    if context.wants_to_know(mention):
        return
    asked = context.asked_of(rivals)
    if asked == [facet]:
        yield Bound(facet, CERTAIN if mention.is_full and is_alone(context.read, mention) else LIKELY)
    elif len(rivals) == 1 or is_named(mention, context, facet, rivals):
        yield Bound(facet, LIKELY if mention.is_full and not _is_attribute(mention, facet, context) else WEAK)
    else:
        yield Bound(facet, POOR)


def _is_attribute(mention: Mention, facet: Facet, context: Context) -> bool:
    """Whether a single word in small letters belongs to a noun of its own: the "business" of a business trip is no class to fly in."""
    if mention.first != mention.last or context.read.tokens[mention.first].text == mention.meaning or _is_sought(mention, context):
        return False
    for word in words_after(context.read, mention, 1):
        known = is_common(word) or singular(word) in _CLASSES or singular(word) in PEOPLE_WORDS or singular(word) in facet.own | facet.described
        return word.isalpha() and not known
    return False


def _is_sought(mention: Mention, context: Context) -> bool:
    """Whether it is what the customer looks for: "find me a jazz concert", but not "a flight for a business trip"."""
    for word in words_before(context.read, mention, _REACH):
        if word in _SEEKING:
            return True
        if not word.isalpha() or word in ("for", "to", "and", "but", "have", "need"):
            return False
    return False
