"""Binds what its form tells apart: e-mail addresses, telephone numbers, codes."""

from collections.abc import Iterator

from factbook.language.reading.choices import singular
from factbook.language.reading.words import listed
from factbook.language.rules.claims import CERTAIN, CLEAR, LIKELY, WEAK
from factbook.language.rules.context import Bound, Context, only_or_asked
from factbook.language.rules.cues import is_alone, words_before
from factbook.language.rules.facets import Kind
from factbook.language.rules.mentions import Mention

_MAILING = listed("email mail e-mail address reach contact write my me send")
_CALLING = listed("phone call reach mobile cell number telephone text whatsapp contact fax dial")


def email_address(mention: Mention, context: Context) -> Iterator[Bound]:
    """The fields whose address the mention may be: a second field of the kind makes it unsure."""
    facets = context.of_kind(Kind.EMAIL)
    told = context.asked_of(facets) or not _MAILING.isdisjoint(words_before(context.read, mention, 8))
    yield from only_or_asked(mention, context, facets, sure=CERTAIN if told else LIKELY)


def phone_number(mention: Mention, context: Context) -> Iterator[Bound]:
    """The fields whose telephone number the mention may be; mere figures need a word that makes them one."""
    facets = context.of_kind(Kind.PHONE)
    told = not _CALLING.isdisjoint(map(singular, words_before(context.read, mention, 8)))
    asked = context.asked_of(facets) and (mention.is_full or is_alone(context.read, mention))
    if told or asked:
        yield from only_or_asked(mention, context, facets, sure=CERTAIN if mention.is_full else CLEAR)
    elif mention.is_full:
        yield from only_or_asked(mention, context, facets, sure=LIKELY)
    else:
        for facet in facets:
            yield Bound(facet, WEAK)


def code(mention: Mention, context: Context) -> Iterator[Bound]:
    """The field whose code the mention is, as was found with it."""
    for facet in context.facets:
        if facet.name == mention.field:
            yield Bound(facet, CLEAR if mention.is_called else LIKELY)
