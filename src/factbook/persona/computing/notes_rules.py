"""Decides which notes stand: those whose quoted words stand in the submission, and hold what a fact says word for word. Source: decision 14.

A model's word counts for nothing here. What does not stand is dropped and counted by the caller.
"""

import unicodedata

from factbook.persona.computing.document import LONGEST_LEAF, UNKNOWN
from factbook.persona.computing.leaves import LITERAL, Leaf
from factbook.persona.computing.model import Note
from factbook.persona.computing.tasks import TakenNote, TakenNotes

# Words that a statement rests on are pointed out, not a whole letter.
LONGEST_QUOTE = 1000


def standing_notes(taken: TakenNotes, source_id: str, piece: str, start: int) -> list[Note]:
    """The notes that stand, of a piece of a submission that begins at character `start` of it."""
    found = (_note(each, piece, start) for each in taken.notes if each.source_id == source_id)
    return list(dict.fromkeys(note for note in found if note is not None))


def _note(taken: TakenNote, piece: str, start: int) -> Note | None:
    text = claim_of(taken.text)
    place = piece.find(taken.quote) if 0 < len(taken.quote) <= LONGEST_QUOTE and taken.quote.strip() else -1
    if text is None or place < 0 or not is_held(taken.path, text, [taken.quote]):
        return None
    return Note(taken.path, text, taken.quote, start + place, start + place + len(taken.quote))


def claim_of(text: str) -> str | None:
    """The text on one line, if it claims something that can be shown; None for a placeholder, for nothing and for what cannot be kept."""
    line = " ".join(text.split())
    if not line or len(line) > LONGEST_LEAF or folded(line) == folded(UNKNOWN):
        return None
    return None if any(unicodedata.category(character) in ("Cc", "Cs") for character in line) else line


def is_held(leaf: Leaf, text: str, quotes: list[str]) -> bool:
    """Whether quoted words hold what the text says, as far as code can tell: name, age, role and place stand in them as they are."""
    return leaf not in LITERAL or any(_stands_in(folded(text), folded(quote)) for quote in quotes)


def folded(text: str) -> str:
    """A text as it is compared: folded case, single spaces."""
    return " ".join(text.casefold().split())


def _stands_in(wanted: str, text: str) -> bool:
    """Whether the words stand in the text and are not cut out of longer ones, such as "34" out of "1934"."""
    place = text.find(wanted)
    while place >= 0:
        before, after = text[place - 1 : place], text[place + len(wanted) : place + len(wanted) + 1]
        if not (before.isalnum() and wanted[0].isalnum()) and not (after.isalnum() and wanted[-1].isalnum()):
            return True
        place = text.find(wanted, place + 1)
    return False
