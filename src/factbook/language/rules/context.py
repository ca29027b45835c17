"""What a mention is judged in, and what comes of it: a binding to a field, with how sure it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from factbook.language.rules.asking import asks_for
from factbook.language.rules.claims import CLEAR, POOR
from factbook.language.rules.cues import defining_words, is_alone, nouns_near
from factbook.language.rules.facets import Facet, Kind
from factbook.language.rules.mentions import Mention
from factbook.language.rules.stems import stems
from factbook.language.rules.turns import Mood, Read


@dataclass(frozen=True, slots=True)
class Bound:
    """A mention as the value of a field."""

    facet: Facet
    confidence: float


@dataclass(frozen=True, slots=True)
class Context:
    """What a mention is judged in: the message, the fields, and those that the agent just asked for.

    `is_making`: something new is spoken of. `corrects`: the fields that hold a value, where the message has a word of correction in it.
    """

    read: Read
    facets: Sequence[Facet]
    asked: frozenset[str]
    is_making: bool = False
    corrects: Sequence[Facet] = ()
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


def only_or_asked(mention: Mention, context: Context, facets: Sequence[Facet], sure: float) -> Iterator[Bound]:
    """The one field of its kind, or the one that the words beside the mention name, or the one that was asked for; else all of them, poorly."""
    named = [facet for facet in facets if is_named(mention, context, facet, facets)]
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


def is_named(mention: Mention, context: Context, facet: Facet, rivals: Sequence[Facet]) -> bool:
    """Whether the words beside the mention hold one of the field's that no other field of the kind has."""
    if len(rivals) < 2:
        return False
    shared = frozenset(word for other in rivals if other is not facet for word in other.own)
    before, after = nouns_near(context.read, mention)
    return bool(stems(facet.own - shared) & stems(before + after))


def defined(mention: Mention, context: Context, facets: Sequence[Facet]) -> list[Facet]:
    """The fields that the customer names as they give the value: "my destination is Rome"."""
    said = defining_words(context.read, mention)
    return [facet for facet in facets if said and asks_for(said, facet, context.facets)]
