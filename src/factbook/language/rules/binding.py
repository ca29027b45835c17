"""Decides which field a mention is a value of, and how sure that is. Where two fields could be meant and no word tells them apart, it is weak.

One function for each kind of mention; each looks at the words around, at what the agent just asked, and at how many fields there are of the kind.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from factbook.language.reading.choices import singular
from factbook.language.reading.words import listed
from factbook.language.rules.claims import CERTAIN, CLEAR, GUESSED, LIKELY, POOR, WEAK
from factbook.language.rules.cues import is_alone, nouns_near, place_role, preposition, role_of, words_after, words_before
from factbook.language.rules.facets import PEOPLE_WORDS, Facet, Kind, Role
from factbook.language.rules.mentions import Mention
from factbook.language.rules.names import is_common
from factbook.language.rules.stems import stem, stems
from factbook.language.rules.turns import Mood, Read

_INTRODUCING = (("name", "is"), ("name's",), ("i'm",), ("i", "am"), ("this", "is"), ("call", "me"), ("name", ":"))
_TRYING = listed("try at with")
_BEING_WITH = listed("at with")


@dataclass(frozen=True, slots=True)
class Bound:
    """A mention as the value of a field."""

    facet: Facet
    confidence: float


@dataclass(frozen=True, slots=True)
class Context:
    """What a mention is judged in: the message, the fields, and those that the agent just asked for."""

    read: Read
    facets: Sequence[Facet]
    asked: frozenset[str]
    is_making: bool = False
    by_agent: bool = False

    def of_kind(self, *kinds: Kind) -> list[Facet]:
        """The fields of these kinds."""
        return [facet for facet in self.facets if facet.kind in kinds]

    def asked_of(self, facets: Sequence[Facet]) -> list[Facet]:
        """Those of the fields that were asked for."""
        return [facet for facet in facets if facet.name in self.asked]

    def meant_of(self, facets: Sequence[Facet]) -> Sequence[Facet]:
        """The fields without those that the talk of something new leaves behind: a new alarm's name, not the alarm's."""
        new = [facet for facet in facets if "new" in facet.own]
        if not self.is_making or not new:
            return facets
        older = {facet.own - {"new"} for facet in new}
        return [facet for facet in facets if facet.own not in older]

    def wants_to_know(self, mention: Mention) -> bool:
        """Whether the customer's sentence only wants to know something."""
        return not self.by_agent and self.read.sentence_at(mention.first).mood is Mood.ASKS


def bind(mention: Mention, context: Context) -> Iterator[Bound]:
    """The fields whose value the mention may be."""
    rule = _RULES.get(mention.kind)
    if rule is not None:
        yield from rule(mention, context)


def _address(mention: Mention, context: Context) -> Iterator[Bound]:
    """An e-mail address or telephone number: its form says what it is, so only a second field of the kind makes it unsure."""
    facets = context.of_kind(mention.kind)
    yield from _only_or_asked(mention, context, facets, sure=CERTAIN)


def _only_or_asked(mention: Mention, context: Context, facets: Sequence[Facet], sure: float) -> Iterator[Bound]:
    named = [facet for facet in facets if _is_named(mention, context, facet, facets)]
    asked = context.asked_of(facets)
    if len(named) == 1:
        yield Bound(named[0], max(sure, CLEAR))
    elif len(asked) == 1:
        yield Bound(asked[0], max(sure, CLEAR) if is_alone(context.read, mention) else sure)
    elif len(facets) == 1:
        yield Bound(facets[0], sure)
    else:
        for facet in facets:
            yield Bound(facet, POOR)


def _is_named(mention: Mention, context: Context, facet: Facet, rivals: Sequence[Facet]) -> bool:
    """Whether the words beside the mention hold one of the field's that no other field of the kind has."""
    if len(rivals) < 2:
        return False
    shared = frozenset(word for other in rivals if other is not facet for word in other.own)
    before, after = nouns_near(context.read, mention)
    return bool(stems(facet.own - shared) & stems(before + after))


def _moment(mention: Mention, context: Context) -> Iterator[Bound]:
    """A day or a time of day: by role ("returning on", "leaving at"), by what was asked, or because there is but one such field."""
    facets = context.meant_of(context.of_kind(mention.kind))
    if _is_farewell(mention, context):
        return
    role = role_of(context.read, mention)
    asked = context.asked_of(facets)
    on_that_side = [facet for facet in facets if facet.role is role and role is not Role.NONE]
    starts = [facet for facet in facets if facet.role is Role.START]
    sure = GUESSED if context.wants_to_know(mention) else LIKELY
    if len(facets) > 1 and len(on_that_side) == 1 and asked in ([], on_that_side):
        yield Bound(on_that_side[0], sure)
    elif len(facets) > 1 and role is Role.NONE and not asked and len(starts) == 1:
        yield Bound(starts[0], GUESSED)  # who names one day of a journey or stay names its first
    else:
        yield from _only_or_asked(mention, context, facets, sure)


def _is_farewell(mention: Mention, context: Context) -> bool:
    """Whether the day is that of "that will be all for today"."""
    return "all" in words_before(context.read, mention, 3) or "thanks" in words_before(context.read, mention, 4)


def _choice(mention: Mention, context: Context) -> Iterator[Bound]:
    """An allowed value: no other field may know it, and a shortened name counts only when the field was asked for."""
    rivals = [facet for facet in context.of_kind(Kind.CHOICE) if mention.meaning in (facet.field.allowed_values or ())]
    (facet,) = (facet for facet in rivals if facet.name == mention.field)
    if context.wants_to_know(mention):
        return
    asked = context.asked_of(rivals)
    if asked == [facet]:
        yield Bound(facet, CERTAIN if mention.is_full and is_alone(context.read, mention) else LIKELY)
    elif len(rivals) == 1 or _is_named(mention, context, facet, rivals):
        yield Bound(facet, LIKELY if mention.is_full and not _is_attribute(mention, facet, context) else WEAK)
    else:
        yield Bound(facet, POOR)


def _is_attribute(mention: Mention, facet: Facet, context: Context) -> bool:
    """Whether a single word in small letters belongs to a noun of its own: the "business" of a business trip is no class to fly in."""
    if mention.first != mention.last or context.read.tokens[mention.first].text == mention.meaning:
        return False
    for word in words_after(context.read, mention, 1):
        known = is_common(word) or singular(word) in PEOPLE_WORDS or singular(word) in facet.own | facet.described
        return word.isalpha() and not known
    return False


def _count(mention: Mention, context: Context) -> Iterator[Bound]:
    """A number: by the noun it counts, or as the whole answer to a question for it."""
    if context.wants_to_know(mention):
        return
    facets = [facet for facet in context.of_kind(Kind.NUMBER) if _is_allowed(mention, facet)]
    before, after = nouns_near(context.read, mention)
    counted = [facet for facet in facets if _counts(facet, before, after)]
    asked = context.asked_of(facets)
    if len(counted) == 1:
        yield Bound(counted[0], CLEAR if asked == counted else LIKELY)
    elif len(asked) == 1 and is_alone(context.read, mention):
        yield Bound(asked[0], CLEAR)
    else:
        for facet in counted or facets:
            yield Bound(facet, POOR)


def _is_allowed(mention: Mention, facet: Facet) -> bool:
    allowed = facet.field.allowed_values
    return allowed is None or str(mention.meaning) in allowed


def _counts(facet: Facet, before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether the number counts what the field counts: "2 people", "table for 2", "two checked bags"."""
    if facet.counts_people:
        party = after[:1] and after[0] in PEOPLE_WORDS
        return bool(party) or (before[:1] == ["for"] and (not after or after[0] in _AFTER_PARTY))
    meant = stems(facet.own - _UNCOUNTED)
    return any(_is_kind_of(stem(word), meant) for word in after[:2])


_UNCOUNTED = listed("number count amount of total how many length")
_AFTER_PARTY = listed("at on in please for tomorrow today next this tonight and with to from i thank thanks")


def _is_kind_of(word: str, meant: frozenset[str]) -> bool:
    """Whether a noun is one of those meant or a compound that begins with one: "bedroom" for "bed"."""
    return word in meant or any(word.startswith(other) for other in meant if len(other) >= 3 and word.isalpha())


def _proper(mention: Mention, context: Context) -> Iterator[Bound]:
    """A proper name: a place by the word that leads to it, a thing's name by a naming word, the customer's own by how people introduce themselves."""
    if "which" in words_before(context.read, mention, 2) or _is_noun_of_a_field(mention, context):
        return
    own = [] if mention.is_called else [*_own_name(mention, context)]
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
    introduced = any(tuple(reversed(before))[-len(phrase) :] == phrase for phrase in _INTRODUCING)
    asked = context.asked_of(facets)
    if len(facets) == 1 and introduced:
        yield Bound(facets[0], CLEAR)
    elif len(asked) == 1 and is_alone(context.read, mention):
        yield Bound(asked[0], CLEAR)


def _place(mention: Mention, context: Context) -> Iterator[Bound]:
    facets = context.of_kind(Kind.PLACE)
    role, leading = place_role(context.read, mention), preposition(context.read, mention)
    fitting = [facet for facet in facets if facet.role is role]
    asked = context.asked_of(facets)
    alone = is_alone(context.read, mention)
    sure = GUESSED if context.wants_to_know(mention) else LIKELY
    cities = [facet for facet in facets if facet.is_city and facet.role is Role.NONE]
    only = facets[0] if len(facets) == 1 else cities[0] if len(cities) == 1 else None
    if role is not Role.NONE and len(fitting) == 1:
        yield Bound(fitting[0], sure)
    elif len(asked) == 1 and (alone or leading in ("in", "near", "around", "of")):
        yield Bound(asked[0], CLEAR if alone or leading == "in" else LIKELY)
    elif only and only.role is Role.NONE and leading in ("in", "near", "around", "about", "into"):
        yield Bound(only, sure)
    elif only and leading in ("for", "at", "of", "to") and not context.of_kind(Kind.NAME):
        yield Bound(only, GUESSED)


def _street(mention: Mention, context: Context) -> Iterator[Bound]:
    """A street with its house number is an address, if there is a field for one and the customer's own is meant."""
    facets = context.of_kind(Kind.ADDRESS)
    if context.read.tokens[mention.first].is_figures and not context.wants_to_know(mention):
        yield from _only_or_asked(mention, context, facets, sure=LIKELY)


def _thing(mention: Mention, context: Context) -> Iterator[Bound]:
    facets = context.meant_of(context.of_kind(Kind.NAME))
    before = words_before(context.read, mention, 3)
    of_its_noun = [facet for facet in facets if _is_of_its_noun(facet, mention, context)]
    asked = context.asked_of(facets)
    only = facets if len(facets) == 1 else of_its_noun
    if mention.is_called and len(only) == 1:
        yield Bound(only[0], LIKELY)
    elif len(asked) == 1 and (is_alone(context.read, mention) or (before[:1] and before[0] in _TRYING)):
        yield Bound(asked[0], LIKELY)
    elif len(only) == 1 and (of_its_noun or (before[:1] and before[0] in _BEING_WITH)):
        yield Bound(only[0], LIKELY)
    else:
        for facet in facets:
            yield Bound(facet, POOR)


def _is_of_its_noun(facet: Facet, mention: Mention, context: Context) -> bool:
    """Whether the noun of the field stands beside the name: "the restaurant Sino", "an alarm called Sino"."""
    beside = words_before(context.read, mention, 5 if mention.is_called else 1)
    return any(singular(word) in facet.own - {"name", "title"} for word in beside)


_RULES: Mapping[Kind, Callable[[Mention, Context], Iterator[Bound]]] = {
    Kind.EMAIL: _address,
    Kind.PHONE: _address,
    Kind.DATE: _moment,
    Kind.TIME: _moment,
    Kind.CHOICE: _choice,
    Kind.NUMBER: _count,
    Kind.NAME: _proper,
}
