"""Decides which field a mention is a value of, and how sure that is. Where two fields could be meant and no word tells them apart, it is weak.

One function for each kind of mention; each looks at the words around, at what the agent just asked, and at how many fields there are of the kind.
"""

from collections.abc import Callable, Iterator, Mapping

from factbook.language.rules.choosing import choice
from factbook.language.rules.context import Bound, Context
from factbook.language.rules.counts import count
from factbook.language.rules.facets import Kind
from factbook.language.rules.forms import code, email_address, phone_number
from factbook.language.rules.mentions import Mention
from factbook.language.rules.moments import moment
from factbook.language.rules.naming import proper_name


def bind(mention: Mention, context: Context) -> Iterator[Bound]:
    """The fields whose value the mention may be."""
    rule = _RULES.get(mention.kind)
    if rule is not None:
        yield from rule(mention, context)


_RULES: Mapping[Kind, Callable[[Mention, Context], Iterator[Bound]]] = {
    Kind.EMAIL: email_address,
    Kind.PHONE: phone_number,
    Kind.CODE: code,
    Kind.DATE: moment,
    Kind.TIME: moment,
    Kind.CHOICE: choice,
    Kind.NUMBER: count,
    Kind.NAME: proper_name,
}
