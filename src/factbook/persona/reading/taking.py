"""Takes notes of a submission by the table of patterns: the words themselves, and the sentence they stand in as the quote."""

import re
from collections.abc import Iterator

from factbook.persona.computing.leaves import Leaf
from factbook.persona.computing.tasks import TakenNote, TakenNotes, TakeNotes
from factbook.persona.reading.grammar import HYPOTHETICAL, OF_OTHERS, SPEAKS_UP
from factbook.persona.reading.patterns import PATTERNS
from factbook.persona.reading.sentences import Sentence, sentences

LONGEST_TEXT = 200
_WORD = re.compile(r"[a-z']+")


def take_notes(task: TakeNotes) -> TakenNotes:
    """What the text says of the person, sentence by sentence, in the order of the persona within a sentence."""
    notes = [
        TakenNote(path=leaf, text=text, source_id=source.id, quote=sentence.text)
        for source in task.sources
        for sentence in sentences(source.text)
        for leaf, text in _said(sentence)
    ]
    return TakenNotes(notes=notes)


def _said(sentence: Sentence) -> Iterator[tuple[Leaf, str]]:
    straight = sentence.text.replace("\u2019", "'")
    of_others = OF_OTHERS.match(straight)
    words = frozenset(_WORD.findall(straight.casefold()))
    for pattern in PATTERNS:
        if words.isdisjoint(pattern.cues):
            continue
        for found in pattern.expression.finditer(straight):
            if HYPOTHETICAL.search(straight, 0, found.start("text")) or (of_others and not SPEAKS_UP.search(found[0])):
                continue
            start, end = found.span("text")
            said = pattern.reading(sentence.text[start:end].strip(" \t\u00a0\"'"))
            if said and len(said) <= LONGEST_TEXT:
                yield pattern.leaf, sentence.text if pattern.whole_sentence else said
