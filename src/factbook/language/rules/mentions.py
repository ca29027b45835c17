"""Finds everything in a message that could be a value, each with its kind. Longer readings hide shorter ones: the 3 in "March 3rd" is no count."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from factbook.language.reading.choices import choices, hinted
from factbook.language.reading.dates import Day, dates
from factbook.language.reading.emails import emails
from factbook.language.reading.numbers import numbers, plain
from factbook.language.reading.phones import phones
from factbook.language.reading.times import TimeOfDay, times
from factbook.language.reading.words import Span, first_at, folded
from factbook.language.rules.called import CalledName, called_names
from factbook.language.rules.codes import Code, codes
from factbook.language.rules.facets import Facet, Kind
from factbook.language.rules.names import proper_names
from factbook.language.rules.turns import Read

Meaning: TypeAlias = Day | TimeOfDay | str | int | float


@dataclass(frozen=True, slots=True)
class Mention(Span):
    """A place in a text that says something of this kind. `first` and `last` are token indexes; `field` is set where only one field can be meant."""

    kind: Kind
    meaning: Meaning
    first: int
    last: int
    field: str | None = None
    is_full: bool = True
    is_called: bool = False


def mentions(read: Read, said_at: datetime | None, facets: Collection[Facet], asked: Collection[str] = ()) -> list[Mention]:
    """The mentions in a text for the fields that are looked for or just asked for, in order; only choices overlap each other."""
    kept: list[Mention] = []
    for group in _groups(read, said_at, facets, asked, kept):
        free = [mention for mention in group if not _covered(kept, mention)]
        kept[:] = sorted(kept + free, key=lambda mention: (mention.start, mention.end))
    return kept


def _covered(kept: list[Mention], mention: Mention) -> bool:
    place = bisect_left(kept, mention.start, key=lambda other: other.start)
    return any(mention.overlaps(other) for other in kept[max(0, place - 2) : place + 2])


def _groups(read: Read, said_at: datetime | None, facets: Collection[Facet], asked: Collection[str], kept: list[Mention]) -> Iterator[list[Mention]]:
    """Mentions by precedence: what a later group finds counts only where no earlier one found anything."""
    text, tokens = read.text, read.tokens
    kinds = {facet.kind for facet in facets}
    addresses = emails(text) if "@" in text else []
    yield [_mention(read, found, Kind.EMAIL, found.value) for found in addresses]
    yield [_code(read, found) for found in codes(read, facets, asked)]
    yield [_mention(read, found, Kind.PHONE, found.value, is_full=found.is_surely_one) for found in phones(text)]
    yield [_mention(read, found, Kind.DATE, found) for found in dates(text, said_at, tokens)]
    yield [_mention(read, found, Kind.TIME, found) for found in times(text, tokens)]
    yield list(_chosen(read, facets))
    if kinds & {Kind.NAME, Kind.OWN_NAME}:
        yield [_called(read, found) for found in called_names(read, kept)]
    if kinds & {Kind.PLACE, Kind.ADDRESS, Kind.NAME, Kind.OWN_NAME}:
        yield [_mention(read, found, Kind.NAME, folded(text[found.start : found.end])) for found in proper_names(read)]
    yield [_mention(read, found, Kind.NUMBER, plain(found.value)) for found in numbers(text, tokens)]


def _chosen(read: Read, facets: Iterable[Facet]) -> Iterator[Mention]:
    for facet in facets:
        if facet.kind is Kind.CHOICE:
            for found in choices(read.text, facet.field.allowed_values or (), read.tokens):
                yield _mention(read, found, Kind.CHOICE, found.value, facet.name, found.is_full)
            others = hinted(facet.field.hint or "", facet.field.allowed_values or ())
            for found in choices(read.text, tuple(others), read.tokens) if others else ():
                yield _mention(read, found, Kind.CHOICE, others[found.value], facet.name, is_full=False)


def _code(read: Read, found: Code) -> Mention:
    first = first_at(read.tokens, found.start)
    last = max(first, first_at(read.tokens, found.end) - 1)
    text = read.text[found.start : found.end]
    return Mention(found.start, found.end, Kind.CODE, text, first, last, field=found.field, is_called=found.is_named)


def _called(read: Read, found: CalledName) -> Mention:
    text = folded(read.text[found.start : found.end])
    first, last = first_at(read.tokens, found.start), first_at(read.tokens, found.end) - 1
    return Mention(found.start, found.end, Kind.NAME, text, first, last, is_called=True)


def _mention(read: Read, found: Span, kind: Kind, meaning: Meaning, field: str | None = None, is_full: bool = True) -> Mention:
    first = first_at(read.tokens, found.start)
    last = max(first, first_at(read.tokens, found.end) - 1)
    return Mention(found.start, found.end, kind, meaning, first, last, field, is_full)
