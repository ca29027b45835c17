"""Decides which notes a persona is put together from, when there are more than one task can read. What does not fit is counted, never lost.

Notes that say the same for one leaf make one remark. Remarks are gathered submission by submission, so that memory does not grow with the
history, and no leaf keeps out another: each gives its best remark first, then each its second best. The newest are the best, for people change; a
name is best where most submissions say it. The same notes in the same order give the same digest.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from uuid import UUID

from factbook.persona.computing.leaves import PLACE, Leaf
from factbook.persona.computing.model import Digest, Note, Remark, Span
from factbook.persona.computing.notes_rules import folded
from factbook.persona.computing.pieces_rules import TOKENS, tokens
from factbook.persona.computing.tasks import note_line

MOST_OF_A_LEAF = 40
# What a remark costs beside its line: its id, its frame, and its name in the list of those that may be referred to.
FRAME_TOKENS = 20
# The words a remark is shown with: the first that said it, and the last ones.
MOST_SPANS = 5


class Gathering:
    """Notes as they come in, the oldest submission first."""

    def __init__(self) -> None:
        self._of_leaf: dict[Leaf, dict[str, Remark]] = {leaf: {} for leaf in Leaf}
        self._left_out: defaultdict[UUID, int] = defaultdict(int)
        self._place = 0

    def add(self, data_id: UUID, notes: Iterable[Note]) -> None:
        """Take in the notes of the next submission."""
        for note in notes:
            self._place += 1
            remarks = self._of_leaf[note.leaf]
            remark = remarks.get(folded(note.text))
            if remark is None:
                remark = remarks[folded(note.text)] = Remark(note.leaf, note.text, self._place, self._place)
            _say_again(remark, Span(data_id, note.quote, note.start, note.end), self._place)
            if len(remarks) > MOST_OF_A_LEAF:
                worst = max(remarks, key=lambda key: _rank(remarks[key]))
                self._leave_out(remarks.pop(worst))

    def digest(self, most_tokens: int = TOKENS) -> Digest:
        """What fits, leaf by leaf, and what does not. A list is in the order in which it was first said; of a leaf of one text the best is first."""
        fitting: list[Remark] = []
        for remark in _in_turns(self._of_leaf.values()):
            cost = FRAME_TOKENS + tokens(note_line(remark.leaf, remark.text))
            if cost <= most_tokens:
                most_tokens -= cost
                fitting.append(remark)
            else:
                self._leave_out(remark)
        fitting.sort(key=lambda remark: (PLACE[remark.leaf], (0, remark.first_place) if remark.leaf.is_list else _rank(remark)))
        return Digest(tuple(fitting), dict(self._left_out))

    def _leave_out(self, remark: Remark) -> None:
        for data_id in remark.data_ids:
            self._left_out[data_id] += 1


def _say_again(remark: Remark, span: Span, place: int) -> None:
    remark.last_place = place
    remark.data_ids.append(span.data_id)
    remark.spans.append(span)
    if len(remark.spans) > MOST_SPANS:
        del remark.spans[1]


def _rank(remark: Remark) -> tuple[int, int]:
    """The best first."""
    said = -len(remark.data_ids) if remark.leaf is Leaf.NAME else 0
    return said, -remark.last_place


def _in_turns(leaves: Iterable[dict[str, Remark]]) -> Iterator[Remark]:
    """The best remark of each leaf, then the second best of each, and so on."""
    ranked: list[Sequence[Remark]] = [sorted(remarks.values(), key=_rank) for remarks in leaves]
    for turn in zip_longest(*ranked):
        yield from (remark for remark in turn if remark is not None)
