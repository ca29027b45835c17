"""Binds what its form tells apart: e-mail addresses, telephone numbers, codes."""

from collections.abc import Iterator

from factbook.language.reading.choices import singular
from factbook.language.reading.words import listed
from factbook.language.rules.claims import CERTAIN, CLEAR, LIKELY, WEAK
from factbook.language.rules.context import Bound, Context, only_or_asked
from factbook.language.rules.cues import is_alone, words_before
from factbook.language.rules.facets import Kind
from factbook.language.rules.mentions import Mention

_CALLING = listed("phone call reach mobile cell number telephone text whatsapp contact fax dial")


def email_address(mention: Mention, context: Context) -> Iterator[Bound]:
    """The fields whose address the mention may be: only a second field of the kind makes it unsure."""
    yield from only_or_asked(mention, context, context.of_kind(Kind.EMAIL), sure=CERTAIN)


def phone_number(mention: Mention, context: Context) -> Iterator[Bound]:
    """The fields whose telephone number the mention may be; mere figures need a word that makes them one."""
    facets = context.of_kind(Kind.PHONE)
    told = mention.is_full or not _CALLING.isdisjoint(map(singular, words_before(context.read, mention, 8)))
    if told or (context.asked_of(facets) and is_alone(context.read, mention)):
        yield from only_or_asked(mention, context, facets, sure=CERTAIN if mention.is_full else CLEAR)
    else:
        for facet in facets:
            yield Bound(facet, WEAK)


def code(mention: Mention, context: Context) -> Iterator[Bound]:
    """The field whose code the mention is, as was found with it."""
    for facet in context.facets:
        if facet.name == mention.field:
            yield Bound(facet, CLEAR if mention.is_called else LIKELY)
