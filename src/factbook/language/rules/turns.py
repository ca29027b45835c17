"""Puts a conversation in turns: a customer's message, cut into sentences, with what the agent had said just before."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from factbook.language.model import Source
from factbook.language.reading.words import Token, listed, sentences, tokens

_ASKING = listed(
    "what when where who whose why how which is are does do did has have was were will am what's where's when's who's how's isn't doesn't"
)
_ASKING_FOR = (
    *(
        ("what", "about"),
        ("how", "about"),
        ("is", "there"),
        ("are", "there"),
        ("do", "you", "have"),
        ("will", "you"),
        ("have", "you"),
        ("why", "not"),
    ),
    *(
        ("is", "it", "possible"),
        ("are", "you", "able"),
        ("do", "you", "think", "you"),
        ("would", "it", "be"),
        ("what", "i", "need"),
        ("what", "i", "want"),
    ),
    *(
        ("when", "i"),
        ("what", "i'd"),
        ("is", "that"),
        ("do", "it"),
        ("have", "it"),
        ("how", "is"),
        ("do", "a"),
        ("do", "the"),
        ("have", "a"),
        ("how", "does"),
    ),
)
_ASKING_TO_KNOW = (
    ("tell", "me"),
    ("let", "me", "know"),
    ("do", "you", "know"),
    ("i", "know", "if"),
    ("know", "what"),
    ("know", "if"),
    ("know", "whether"),
)
_KNOWING_REACH = 8  # words from the sentence's start in which "tell me" makes a question of a request


class Mood(StrEnum):
    """Whether a sentence of a customer states or asks for something, or wants to know something."""

    STATES = "states"
    ASKS = "asks"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A range of token indexes of its text."""

    start: int
    end: int
    mood: Mood


@dataclass(frozen=True, slots=True)
class Read:
    """A text with its tokens and sentences."""

    text: str
    tokens: Sequence[Token]
    sentences: Sequence[Sentence]

    def sentence_at(self, index: int) -> Sentence:
        """The sentence to which the token belongs."""
        return self.sentences[max(0, bisect_right(self.sentences, index, key=lambda each: each.start) - 1)]


@dataclass(frozen=True, slots=True)
class Turn:
    """A message of the customer and the agent's text before it, if the agent spoke last."""

    source: Source
    said: Read
    before: Read | None


def turns(sources: Sequence[Source]) -> Iterator[Turn]:
    """The customer's messages in order."""
    before: list[str] = []
    for source in sources:
        if source.by_customer:
            yield Turn(source, read(source.text), read("\n".join(before)) if before else None)
            before = []
        else:
            before.append(source.text)


def read(text: str) -> Read:
    """The text with its tokens and sentences."""
    found = tokens(text)
    return Read(text, found, [Sentence(start, end, _mood(found, start, end)) for start, end in sentences(text, found)])


def _mood(found: Sequence[Token], start: int, end: int) -> Mood:
    head = [token.word for token in found[start : min(end, start + _KNOWING_REACH)] if token.is_word]
    while head[:1] and head[0] in ("and", "so", "also", "ok", "okay", "yes", "yeah", "no", "but", "oh", "well", "thanks", "great", "hi", "hello"):
        head = head[1:]
    if any(tuple(head[i : i + len(phrase)]) == phrase for phrase in _ASKING_TO_KNOW for i in range(len(head))):
        return Mood.ASKS
    if not head or head[0] not in _ASKING or any(tuple(head[: len(phrase)]) == phrase for phrase in _ASKING_FOR):
        return Mood.STATES
    return Mood.ASKS
