"""Decides what a persona says, out of what somebody composed of notes: each text rests on words of submissions, or it is not there.

What the database says of name and gender is above every text. Defence in depth: notes were checked when they were taken, and are the only things that
a statement may rest on, so no statement rests on words that nobody wrote. Source: decision 14; section 15 of the facts, P15.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from factbook.persona.computing.document import MOST_OF_A_LIST, UNKNOWN, PersonaDocument
from factbook.persona.computing.leaves import PLACE, Leaf
from factbook.persona.computing.model import Remark, Span, Statement
from factbook.persona.computing.notes_rules import claim_of, folded, is_held
from factbook.persona.computing.tasks import ComposedPersona, ComposedStatement
from factbook.persona.model import Demographics

SUBMISSIONS, DEMOGRAPHICS = "submissions", "demographics"
MOST_SOURCES = 10
_AGE = re.compile(r"(?<!\d)\d{1,3}(?!\d)")
_OLDEST = 130
_Supported = dict[Leaf, list[tuple[str, str, tuple[Span, ...]]]]


def assembled(composed: ComposedPersona, remarks: Mapping[str, Remark], demographics: Demographics) -> tuple[PersonaDocument, list[Statement], int]:
    """The persona, its statements in the order of the document, and how many statements were dropped. `remarks` are the notes by the ids they had."""
    supported: _Supported = {}
    dropped = 0
    for each in composed.statements:
        text, sources = _support(each, remarks)
        held = supported.setdefault(each.path, [])
        if text is None or any(folded(text) == folded(other) for other, *_ in held) or len(held) >= (MOST_OF_A_LIST if each.path.is_list else 1):
            dropped += 1
        else:
            held.append((text, SUBMISSIONS, sources))
    _add_age_range(supported)
    _let_the_database_win(supported, demographics, remarks.values())
    document = PersonaDocument.of({leaf: [text for text, *_ in held] for leaf, held in supported.items() if held})
    return document, list(_statements(supported)), dropped


def _support(statement: ComposedStatement, remarks: Mapping[str, Remark]) -> tuple[str | None, tuple[Span, ...]]:
    """The statement's text and the words it rests on; None for one that rests on nothing."""
    named = [remarks[each] for each in dict.fromkeys(statement.source_ids) if each in remarks]
    sources = _few([span for remark in named for span in remark.spans])
    text = claim_of(statement.text)
    if text is None or not sources or not is_held(statement.path, text, [span.quote for remark in named for span in remark.spans]):
        return None, ()
    return text, sources


def _few(spans: Sequence[Span]) -> tuple[Span, ...]:
    return tuple(dict.fromkeys(spans))[:MOST_SOURCES]


def _add_age_range(supported: _Supported) -> None:
    """The decade of a stated age, where nobody stated a range."""
    if supported.get(Leaf.AGE_RANGE) or not supported.get(Leaf.AGE):
        return
    text, _, sources = supported[Leaf.AGE][0]
    years = _AGE.search(text)
    if years and int(years[0]) <= _OLDEST:
        decade = int(years[0]) // 10 * 10
        supported[Leaf.AGE_RANGE] = [(f"{decade}-{decade + 9}", SUBMISSIONS, sources)]


def _let_the_database_win(supported: _Supported, demographics: Demographics, remarks: Iterable[Remark]) -> None:
    certain = {Leaf.NAME: demographics.name, Leaf.GENDER: demographics.gender}
    agreeing: dict[Leaf, list[Span]] = {leaf: [] for leaf in certain}
    for remark in remarks:
        said = certain.get(remark.leaf)
        if said and folded(remark.text) == folded(said):
            agreeing[remark.leaf] += remark.spans
    for leaf, said in certain.items():
        if said == UNKNOWN:
            supported.pop(leaf, None)
        elif said:
            supported[leaf] = [(said, DEMOGRAPHICS, _few(agreeing[leaf]))]


def _statements(supported: _Supported) -> Iterable[Statement]:
    for leaf in sorted(supported, key=PLACE.__getitem__):
        for index, (text, origin, sources) in enumerate(supported[leaf]):
            yield Statement(f"{leaf}[{index}]" if leaf.is_list else leaf.value, text, origin, sources)
