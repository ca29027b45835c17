"""Binds days and times of day: by role ("returning on", "leaving at"), by what was asked, or because there is but one such field."""

from collections.abc import Iterator

from factbook.language.reading.dates import Day
from factbook.language.rules.claims import CLEAR, GUESSED, LIKELY, WEAK
from factbook.language.rules.context import Bound, Context, only_or_asked
from factbook.language.rules.cues import defining_words, nouns_near, role_of, words_before
from factbook.language.rules.facets import Facet, Kind, Role
from factbook.language.rules.mentions import Mention
from factbook.language.rules.stems import stems

_BIRTH_REACH = 8  # words before a day in which it is said to be one of birth


def moment(mention: Mention, context: Context) -> Iterator[Bound]:
    """The fields whose day or time the mention may be."""
    facets = [facet for facet in context.meant_of(context.of_kind(mention.kind)) if _may_be(mention, facet)]
    if _is_farewell(mention, context) or _has_been(mention, context):
        return
    if _is_of_birth(mention, context):
        births = [facet for facet in facets if "birth" in stems(facet.own)]
        for facet in births:
            yield Bound(facet, CLEAR if len(births) == 1 else WEAK)
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
        for bound in only_or_asked(mention, context, facets, sure):
            unsaid = "birth" in stems(bound.facet.own) and bound.facet.name not in context.asked
            yield Bound(bound.facet, min(bound.confidence, WEAK)) if unsaid else bound


def _may_be(mention: Mention, facet: Facet) -> bool:
    """Whether a day can be this field's: a past one where the field is of the past, with its year where it is a birth."""
    if not isinstance(mention.meaning, Day):
        return True
    if "birth" in stems(facet.own) and mention.meaning.future != mention.meaning.past:
        return False
    return mention.meaning.may_lie(facet.towards)


def _is_of_birth(mention: Mention, context: Context) -> bool:
    """Whether the sentence says of a day before or behind it that somebody was born: "born in Lyon on 3 May 1984", "3 May 1984 is my birthday"."""
    said, _ = nouns_near(context.read, mention, _BIRTH_REACH)
    return mention.kind is Kind.DATE and "birth" in stems([*said, *defining_words(context.read, mention)])


def _has_been(mention: Mention, context: Context) -> bool:
    """Whether something has been so from the day on: "it hurts since Monday" names no day to come."""
    return words_before(context.read, mention, 1) == ["since"] and not any("since" in facet.own for facet in context.facets)


def _is_farewell(mention: Mention, context: Context) -> bool:
    """Whether the day is that of "that will be all for today"."""
    return "all" in words_before(context.read, mention, 3) or "thanks" in words_before(context.read, mention, 4)
