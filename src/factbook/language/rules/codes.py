"""Finds codes: order numbers, references, and whatever fits the expression of a field's definition.

An expression finds something only if it tells codes from words: one that also matches "the" says nothing. Without one, a code needs its field's own
words just before it ("order number 4711", "order A-10442"), a short word that only its name has ("ref: XK-99"), the question for it, or the form of
an example. Days, sums of money and years are no codes.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import re2  # type: ignore[import-untyped]  # comes without types

from factbook.language.reading.choices import singular
from factbook.language.reading.dates import dates
from factbook.language.reading.words import Span, first_at, listed
from factbook.language.rules.facets import Facet, Kind
from factbook.language.rules.turns import Read

_CHUNK = re.compile(r"\S+")
_AROUND = ".,;:!?\"'()[]{}<>#\u201c\u201d\u2018\u2019"
_LONGEST = 60  # characters of a code
_LONGEST_EXPRESSION = 500
_MEMORY = 1024 * 1024
_WORDS = ("the", "please", "Tomorrow", "yes", "2", "12", "Monday", "I", "order", "2019", "don't")
_NAMING_REACH = 5  # tokens before a code in which its field is named
_SHAPE_LETTERS, _SHAPE_FIGURES = re.compile(r"[^\W\d_]+"), re.compile(r"[0-9]+")
_GENERIC = listed("number code id identifier reference no")
_SHORT = {"ref": "reference", "zip": "postcode", "postal": "postcode"}
_SHORT_NAMES = listed("reference postcode")
_ANSWER_REACH = 12  # tokens before mere figures in which nothing else may be said, for them to be an answer
_SHORT_REACH = 3  # tokens before a code in which a short word names it
_SIGNS = frozenset("$\u20ac\u00a3%")
_LEADING = listed(
    "it it's its is the a my i'd that that's this these they they're are were was be would will should sure yes yeah yep ok okay of course well um "
    "uh oh i think have here here's you go got so and number no code id one please thanks hi hello let me see moment just number's"
)


@dataclass(frozen=True, slots=True)
class Code(Span):
    """A code in a text, the field it belongs to, and whether its field was named beside it."""

    field: str
    is_named: bool


def codes(read: Read, facets: Collection[Facet], asked: Collection[str]) -> list[Code]:
    """The codes in a text, in order. A chunk that fits several fields belongs to the one that is named or asked for, else to none."""
    wanted = [facet for facet in facets if facet.kind in (Kind.CODE, Kind.TEXT) and (facet.kind is Kind.CODE or facet.field.validation_regex)]
    if not wanted:
        return []
    days = {place for day in dates(read.text, None, read.tokens) for place in range(day.start, day.end)}
    return [code for start, end in _chunks(read.text) for code in _codes(read, start, end, wanted if start not in days else _formed(wanted), asked)]


def _formed(facets: Collection[Facet]) -> list[Facet]:
    """The fields whose form is known, which take even what reads as a day."""
    return [facet for facet in facets if facet.field.validation_regex or facet.field.examples]


def _chunks(text: str) -> Iterator[tuple[int, int]]:
    """The parts of a text between spaces, without marks around them."""
    for found in _CHUNK.finditer(text):
        if len(found[0]) <= _LONGEST:
            bare = found[0].strip(_AROUND)
            start = found.start() + found[0].find(bare) if bare else found.end()
            if bare:
                yield start, start + len(bare)


def _codes(read: Read, start: int, end: int, facets: Sequence[Facet], asked: Collection[str]) -> Iterator[Code]:
    chunk = read.text[start:end]
    index = first_at(read.tokens, start)
    begin = max(read.sentence_at(index).start, index - _ANSWER_REACH) if read.tokens else index
    said = [singular(token.word.removesuffix("'s")) for token in read.tokens[begin:index]]
    before = said[-_NAMING_REACH:]
    fitting = [facet for facet in facets if _fits(chunk, facet)]
    named = [facet for facet in fitting if _is_named(facet, before, facets)]
    wanted = [facet for facet in fitting if facet.name in asked and (facet.field.validation_regex or _is_answer(chunk, said, facet))]
    formed = [facet for facet in fitting if _has_form(chunk, facet)]
    for meant in (named, wanted, formed):
        if meant:
            if len(meant) == 1:
                yield Code(start, end, meant[0].name, bool(named or wanted))
            return


def _fits(chunk: str, facet: Facet) -> bool:
    if facet.field.validation_regex:
        return matches(facet.field.validation_regex, chunk)
    return any(character in "0123456789" for character in chunk) and len(chunk) > 1 and chunk[0] not in _SIGNS and chunk[-1] not in _SIGNS


def _is_answer(chunk: str, said: Sequence[str], facet: Facet) -> bool:
    """Whether the chunk answers the question for the field: by its form, or, if it is mere figures, with nothing else before it in the sentence."""
    return not chunk.isdigit() or all(not word.isalpha() or word in _LEADING or word in facet.own or word in facet.described for word in said)


def _is_named(facet: Facet, before: Sequence[str], facets: Sequence[Facet]) -> bool:
    """Whether the words before the code are the field's own: all that tell it from other codes, or its last word where it is the only one."""
    telling, near = facet.own - _GENERIC, {_SHORT.get(word, word) for word in before[-_SHORT_REACH:]}
    others = frozenset(word for other in facets if other is not facet for word in other.own)
    return (
        (bool(telling) and telling <= set(before))
        or (len(facets) == 1 and not telling and bool(_GENERIC & set(before)))
        or bool(near & _SHORT_NAMES & facet.own - others)
    )


def _has_form(chunk: str, facet: Facet) -> bool:
    """Whether only a code looks like this: by an expression that matches no ordinary word, or by the form of an example."""
    expression = facet.field.validation_regex
    if expression and not any(matches(expression, word) for word in _WORDS):
        return True
    return any(_shape(chunk) == _shape(example) and not example.isalpha() and not example.isdigit() for example in facet.field.examples)


def _shape(text: str) -> str:
    """The text with its letters and figures counted: "ORD-1234" is "a3-94", whatever they are."""
    figured = _SHAPE_FIGURES.sub(lambda found: "\0" * len(found[0]), text[:_LONGEST])
    return _SHAPE_LETTERS.sub(lambda found: f"a{len(found[0])}", figured)


def matches(expression: str, text: str) -> bool:
    """Whether the expression matches the whole text; one that cannot be used matches nothing."""
    compiled = _compiled(expression)
    try:
        return compiled is not None and compiled.fullmatch(text) is not None
    except UnicodeEncodeError:
        return False


@lru_cache(maxsize=256)
def _compiled(expression: str):  # type: ignore[no-untyped-def]  # the library's objects have no types
    if len(expression) > _LONGEST_EXPRESSION:
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(expression, options)
    except (re2.error, UnicodeEncodeError):
        return None
