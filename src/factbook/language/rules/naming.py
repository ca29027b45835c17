"""Binds proper names: to places, to addresses, to things that have names, and to the customer."""

from collections.abc import Iterator, Sequence

from factbook.language.reading.choices import singular
from factbook.language.reading.words import listed
from factbook.language.rules.claims import CLEAR, GUESSED, LIKELY, POOR
from factbook.language.rules.context import Bound, Context, defined, only_or_asked
from factbook.language.rules.cues import answers, is_alone, place_role, preposition, words_after, words_before
from factbook.language.rules.facets import Facet, Kind, Role
from factbook.language.rules.mentions import Mention
from factbook.language.rules.stems import stems

_INTRODUCING = (("name", "is"), ("name's",), ("i'm",), ("i", "am"), ("this", "is"), ("call", "me"), ("name", ":"))
_TRYING = listed("try at with")
_BEING_WITH = listed("at with")
_CHANGING = listed("change switch move make")


def proper_name(mention: Mention, context: Context) -> Iterator[Bound]:
    """A proper name: a place by the word that leads to it, a thing's name by a naming word, the customer's own by how people introduce themselves."""
    if "which" in words_before(context.read, mention, 2) or _is_noun_of_a_field(mention, context):
        return
    own = [*_own_name(mention, context)]
    places = [] if mention.is_called or own else [*_place(mention, context)]
    yield from own
    yield from places
    yield from _street(mention, context)
    if not own and not any(bound.confidence >= GUESSED for bound in places) and not context.wants_to_know(mention):
        yield from _thing(mention, context)


def _is_noun_of_a_field(mention: Mention, context: Context) -> bool:
    """Whether a single capitalised word only says what a field is about: "the Apartment"."""
    if mention.first != mention.last or mention.is_called:
        return False
    word = singular(context.read.tokens[mention.first].word)
    return any(word in facet.own or word in facet.described for facet in context.facets)


def _own_name(mention: Mention, context: Context) -> Iterator[Bound]:
    facets = context.of_kind(Kind.OWN_NAME)
    if not facets or context.wants_to_know(mention):
        return
    before = words_before(context.read, mention, 3)
    introduced = any(tuple(reversed(before))[-len(phrase) :] == phrase for phrase in (_INTRODUCING[:2] if mention.is_called else _INTRODUCING))
    introduced = introduced and not (before[:2] == ["is", "name"] and before[2:3] not in ([], ["my"], ["full"]))
    asked = context.asked_of(facets)
    if len(facets) == 1 and introduced:
        yield Bound(facets[0], CLEAR)
    elif len(asked) == 1 and answers(context.read, mention):
        yield Bound(asked[0], CLEAR)


def _place(mention: Mention, context: Context) -> Iterator[Bound]:
    facets = context.of_kind(Kind.PLACE)
    if "born" in words_before(context.read, mention, 3):
        facets = [facet for facet in facets if "birth" in stems(facet.own)]
    if context.read.tokens[mention.first].is_figures:
        facets = [facet for facet in facets if not facet.is_city]  # a house is no city
    role, leading = place_role(context.read, mention), preposition(context.read, mention)
    fitting = [facet for facet in facets if facet.role is role]
    asked = context.asked_of(facets)
    alone = is_alone(context.read, mention)
    sure = GUESSED if context.wants_to_know(mention) else LIKELY
    cities = [facet for facet in facets if facet.is_city and facet.role is Role.NONE]
    only = facets[0] if len(facets) == 1 else cities[0] if len(cities) == 1 else None
    given = defined(mention, context, facets)
    if len(given) == 1:
        yield Bound(given[0], LIKELY)
    elif role is not Role.NONE and len(fitting) == 1:
        yield Bound(fitting[0], sure)
    elif _corrected(mention, context, facets):
        yield from _corrected(mention, context, facets)
    elif len(asked) == 1 and (alone or leading in ("in", "near", "around", "of") or _opens_answer(mention, context)):
        yield Bound(asked[0], CLEAR if alone or leading == "in" else LIKELY)
    elif (
        only and only.role is Role.NONE and (leading in ("in", "near", "around") or (leading in ("about", "into") and not context.of_kind(Kind.NAME)))
    ):
        yield Bound(only, sure)
    elif only and leading in ("for", "at", "of", "to") and not context.of_kind(Kind.NAME):
        yield Bound(only, GUESSED)


def _street(mention: Mention, context: Context) -> Iterator[Bound]:
    """A street with its house number is an address, if there is a field for one and the customer's own is meant."""
    facets = context.of_kind(Kind.ADDRESS)
    if context.read.tokens[mention.first].is_figures and not context.wants_to_know(mention):
        yield from only_or_asked(mention, context, facets, sure=LIKELY)


def _corrected(mention: Mention, context: Context, facets: Sequence[Facet]) -> list[Bound]:
    """The one field of the kind that has a value, where the message only puts another in its place: "sorry, Rome"."""
    meant = [facet for facet in facets if facet in context.corrects]
    return [Bound(meant[0], LIKELY)] if len(meant) == 1 and is_alone(context.read, mention) else []


def _recipient(mention: Mention, context: Context, facets: Sequence[Facet]) -> list[Facet]:
    """The one field for whom or what something goes to, behind "to"; none where a place could be meant."""
    meant = [facet for facet in facets if facet.role is Role.END]
    return meant if len(meant) == 1 and preposition(context.read, mention) == "to" and not context.of_kind(Kind.PLACE) else []


def _opens_answer(mention: Mention, context: Context) -> bool:
    """Whether the message begins with the mention, as answers do: "Rome, and I like trains"."""
    return mention.first == 0 and words_after(context.read, mention, 1)[:1] in (["and"], [","], ["please"], ["."], ["would"], ["will"], ["is"], [])


def _thing(mention: Mention, context: Context) -> Iterator[Bound]:
    facets = context.meant_of(context.of_kind(Kind.NAME))
    before = words_before(context.read, mention, 3)
    of_its_noun = [facet for facet in facets if _is_of_its_noun(facet, mention, context)]
    asked = context.asked_of(facets)
    only = facets if len(facets) == 1 else of_its_noun
    changed = before[:2] == ["to", "it"] and before[2:3] and before[2] in _CHANGING
    if mention.is_called and len(only) == 1:
        yield Bound(only[0], LIKELY)
    elif len(asked) == 1 and (is_alone(context.read, mention) or (before[:1] and before[0] in _TRYING)):
        yield Bound(asked[0], LIKELY)
    elif _corrected(mention, context, facets):
        yield from _corrected(mention, context, facets)
    elif _recipient(mention, context, facets):
        yield Bound(_recipient(mention, context, facets)[0], LIKELY)
    elif len(only) == 1 and (of_its_noun or changed or (before[:1] and before[0] in _BEING_WITH)):
        yield Bound(only[0], LIKELY)
    else:
        for facet in facets:
            yield Bound(facet, POOR)


def _is_of_its_noun(facet: Facet, mention: Mention, context: Context) -> bool:
    """Whether the noun of the field stands beside the name: "the restaurant Sino", "an alarm called Sino"."""
    beside = words_before(context.read, mention, 5 if mention.is_called else 1)
    if beside[:1] and beside[0] in _TRYING | {"about"}:
        beside += words_after(context.read, mention, 1)
    return any(singular(word) in facet.own - {"name", "title"} for word in beside)
