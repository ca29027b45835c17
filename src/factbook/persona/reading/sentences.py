"""Cuts a text into the sentences that say something of the person, each with its place. Questions, agents and rambling are passed over."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_SENTENCE = 300
_LINE = re.compile(r"[^\r\n\u2028\u2029]+")
# A dot inside a word or figure and after a title ends no sentence. No two alternatives begin alike, so nothing is tried twice.
_SENTENCE = re.compile(r"(?:[^.!?;]|\.(?=\w)|(?<=\bDr)\.|(?<=\bMr)\.|(?<=\bMrs)\.|(?<=\bMs)\.|(?<=\bSt)\.)+[.!?]*")
_SPEAKER = re.compile(r"\s*(?P<who>[A-Za-z ]{2,30}):\s+")
_OURS = frozenset({"agent", "support", "operator", "assistant", "bot", "adviser", "advisor", "representative", "staff"})
_THEIRS = frozenset({"customer", "client", "caller", "patient", "user", "guest", "member", "visitor"})
_MARGIN = " \t\u00a0-*\u2022>#\"'\u201c\u201d\u2018()[]"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and the place of its first character in the text."""

    text: str
    start: int


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences in their order."""
    for line in _LINE.finditer(text):
        speaker = _SPEAKER.match(line[0])
        who = speaker["who"].strip().lower() if speaker else ""
        if who in _OURS:
            continue
        spoken = speaker.end() if speaker and who in _THEIRS else 0
        for found in _SENTENCE.finditer(line[0], spoken):
            said = found[0].rstrip(_MARGIN)
            kept = said.lstrip(_MARGIN)
            if kept and len(kept) <= LONGEST_SENTENCE and not kept.endswith("?"):
                yield Sentence(kept, line.start() + found.start() + len(said) - len(kept))
