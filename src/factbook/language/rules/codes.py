"""Finds codes: order numbers, references, and whatever fits the expression of a field's definition.

An expression finds something only if it tells codes from words: one that also matches "the" says nothing. Without one, a code needs its field's own
words just before it ("order number 4711"), or the form of an example.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import re2  # type: ignore[import-untyped]  # comes without types

from factbook.language.reading.choices import singular
from factbook.language.reading.words import Span, first_at, listed
from factbook.language.rules.facets import Facet, Kind
from factbook.language.rules.stems import stems
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


@dataclass(frozen=True, slots=True)
class Code(Span):
    """A code in a text, the field it belongs to, and whether its field was named beside it."""

    field: str
    is_named: bool


def codes(read: Read, facets: Collection[Facet], asked: Collection[str]) -> list[Code]:
    """The codes in a text, in order. A chunk that fits several fields belongs to the one that is named or asked for, else to none."""
    wanted = [facet for facet in facets if facet.kind in (Kind.CODE, Kind.TEXT) and (facet.kind is Kind.CODE or facet.field.validation_regex)]
    return [code for start, end in _chunks(read.text) if wanted for code in _codes(read, start, end, wanted, asked)]


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
    before = [singular(token.word) for token in read.tokens[max(read.sentence_at(index).start, index - _NAMING_REACH) : index]] if read.tokens else []
    fitting = [facet for facet in facets if _fits(chunk, facet)]
    named = [facet for facet in fitting if _is_named(facet, before, facets)]
    wanted = [facet for facet in fitting if facet.name in asked]
    formed = [facet for facet in fitting if _has_form(chunk, facet)]
    for meant in (named, wanted, formed):
        if meant:
            if len(meant) == 1:
                yield Code(start, end, meant[0].name, bool(named or wanted))
            return


def _fits(chunk: str, facet: Facet) -> bool:
    if facet.field.validation_regex:
        return _matches(facet.field.validation_regex, chunk)
    return any(character in "0123456789" for character in chunk) and len(chunk) > 1


def _is_named(facet: Facet, before: Sequence[str], facets: Sequence[Facet]) -> bool:
    """Whether the words before the code are the field's own: all that tell it from other codes, or its last word where it is the only one."""
    telling = stems(facet.own - _GENERIC)
    heard = stems(before)
    return (bool(telling) and telling <= heard and _ends_in(before)) or (len(facets) == 1 and not telling and bool(_GENERIC & set(before)))


def _ends_in(before: Sequence[str]) -> bool:
    return bool(before)


def _has_form(chunk: str, facet: Facet) -> bool:
    """Whether only a code looks like this: by an expression that matches no ordinary word, or by the form of an example."""
    expression = facet.field.validation_regex
    if expression and not any(_matches(expression, word) for word in _WORDS):
        return True
    return any(_shape(chunk) == _shape(example) and not example.isalpha() and not example.isdigit() for example in facet.field.examples)


def _shape(text: str) -> str:
    """The text with its letters and figures counted: "ORD-1234" is "a3-94", whatever they are."""
    figured = _SHAPE_FIGURES.sub(lambda found: "\0" * len(found[0]), text[:_LONGEST])
    return _SHAPE_LETTERS.sub(lambda found: f"a{len(found[0])}", figured)


def _matches(expression: str, text: str) -> bool:
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
