"""What the words around a mention say about it: that it is denied, whence or where to, which field it belongs to."""

from collections.abc import Collection, Sequence
from typing import Final

from factbook.language.reading.assent import is_negation
from factbook.language.reading.choices import singular
from factbook.language.reading.words import Token, at, listed
from factbook.language.rules.facets import Role
from factbook.language.rules.mentions import Mention
from factbook.language.rules.stems import stem, stems
from factbook.language.rules.turns import Read

_DENYING_REACH: Final = 6  # tokens before a mention in which a "not" still denies it
_SHORT_MESSAGE: Final = 24  # tokens
_LOOK_BACK: Final = 5
_LOOK_AHEAD: Final = 4
_CLAUSE_MARKS = frozenset(",;:.!?()")
_CLAUSE_WORDS = listed("and but so because then while although")
_EXCEPT = listed("except besides excluding")
_EXCEPT_PAIRS = (("other", "than"), ("rather", "than"), ("instead", "of"), ("apart", "from"), ("anything", "but"))
_OTHERS = listed(
    "his her their colleague friend wife husband boss mother father mom dad brother sister son daughter partner landlord neighbour neighbor company"
)
_UNFIT = listed("late early far expensive full")
_FAILING = (
    ("doesn't", "work"),
    ("won't", "work"),
    ("does", "not"),
    ("is", "not"),
    ("isn't", "good"),
    ("isn't", "possible"),
    ("will", "not"),
    ("didn't", "work"),
)

START_VERBS = listed("from leave leaving depart departing departure outbound starting start begin beginning originating out")
_STARTING = stems(listed("leave leaving depart departing departure outbound start begin beginning go going fly flying travel traveling head heading"))
_ENDING = stems(listed("return returning back inbound arrive arriving until till ending end"))
TO_WORDS = listed("to into towards toward reach visit arrive")
FROM_WORDS = listed("from leaving departing depart leave")
_PREPOSITIONS = listed("in around near at within inside for to from on with by into about")
_COPULAS = listed("is be are :")
_POLITE = listed(
    "please thanks thank you it is it's its the a an my in at on for to from of i sure yes ok okay yeah would be that that's make i'd like am i'm "
    "about around roughly approximately nearly was were they're are they "
    "just only maybe actually sorry no wait meant mean rather instead oops"
)


def is_denied(read: Read, mention: Mention) -> bool:
    """Whether the clause denies the mention: "not Paris", "other than Paris", "Paris won't work"."""
    tokens, sentence = read.tokens, read.sentence_at(mention.first)
    for index in range(mention.first - 1, max(sentence.start - 1, mention.first - 1 - _DENYING_REACH), -1):
        word = tokens[index].word
        if word in _CLAUSE_MARKS or word in _CLAUSE_WORDS:
            break
        if word in _EXCEPT or (at(tokens, index - 1), word) in _EXCEPT_PAIRS:
            return True
        if is_negation(word) and not (word in ("no", "nope", "nah") and index == sentence.start) and at(tokens, index + 1) not in ("only", "just"):
            return True
    after = words_after(read, mention, 6)
    return tuple(after[:2]) in _FAILING or (after[:1] == ["is"] and not _UNFIT.isdisjoint(after))


def is_of_another(read: Read, mention: Mention, own: Collection[str]) -> bool:
    """Whether the words before say that it is somebody else's: "my wife's number". Not where the field is about these others."""
    near = {singular(word.removesuffix("'s")) for word in _clause(words_before(read, mention, 6))}
    return bool(near & _OTHERS) and not (near & _OTHERS & frozenset(own))


def words_before(read: Read, mention: Mention, reach: int = _LOOK_BACK) -> list[str]:
    """The folded words before the mention in its sentence, the nearest first."""
    start = read.sentence_at(mention.first).start
    return [token.word for token in reversed(read.tokens[max(start, mention.first - reach) : mention.first])]


def words_after(read: Read, mention: Mention, reach: int = _LOOK_AHEAD) -> list[str]:
    """The folded words after the mention in its sentence, the nearest first."""
    end = read.sentence_at(mention.first).end
    return [token.word for token in read.tokens[mention.last + 1 : min(end, mention.last + 1 + reach)]]


def preposition(read: Read, mention: Mention) -> str:
    """The word that leads to the mention, over articles: "to" in "to the Paris"."""
    before = words_before(read, mention, 5)
    for word in before:
        if word not in ("the", "a", "an", "city", "town", "downtown", "of"):
            return word if word in _PREPOSITIONS or "of" not in before[:2] else "of"
    return ""


def role_of(read: Read, mention: Mention) -> Role:
    """On which side of a move or span of time the words around put a day or time; the nearest such word before it decides."""
    before = words_before(read, mention, 12)
    if before[:1] == ["from"]:
        return Role.START
    if before[:1] and before[0] in ("until", "till", "to", "through", "thru"):
        return Role.END
    for word in [*words_after(read, mention, 1), *before]:
        if stem(word) in _ENDING:
            return Role.END
        if stem(word) in _STARTING:
            return Role.START
    return Role.NONE


def place_role(read: Read, mention: Mention) -> Role:
    """Whence or where to, by the word that leads to a place."""
    before = words_before(read, mention, 6)
    for index, word in enumerate(before):
        if word in FROM_WORDS or (word == "of" and before[index + 1 : index + 2] == ["out"]):
            return Role.START
        if word in TO_WORDS:
            return Role.END
        if word in ("at", "in") and before[index + 1 : index + 2] and before[index + 1] in START_VERBS:
            return Role.START
        if word in ("in", "at", "near", "around", "on", "for", "with", "by") or word in _CLAUSE_MARKS or word in _CLAUSE_WORDS:
            return Role.NONE
    return Role.NONE


def defining_words(read: Read, mention: Mention) -> list[str]:
    """What the mention is said to be: the words before "is" in "my destination is Rome", those behind it in "Rome is my destination"."""
    before = [word for word in words_before(read, mention, 8) if word not in ("the", "a", "an", "in", "on", "at", "for", "will", "would", "should")]
    if before[:1] and before[0] in _COPULAS:
        return [singular(word) for word in _clause(before[1:])]
    after = words_after(read, mention, 6)
    if after[:1] == ["is"] or after[:2] == ["will", "be"]:
        return [singular(word) for word in _clause(after[1:])]
    return []


def nouns_near(read: Read, mention: Mention, back: int = _LOOK_BACK) -> tuple[list[str], list[str]]:
    """The words just before and just after the mention, in the singular, up to the end of its clause."""
    return [*map(singular, _clause(words_before(read, mention, back)))], [*map(singular, _clause(words_after(read, mention)))]


def _clause(near: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for word in near:
        if word in _CLAUSE_MARKS or word in _CLAUSE_WORDS:
            break
        kept.append(word)
    return kept


def answers(read: Read, mention: Mention, besides: Collection[str] = ()) -> bool:
    """Whether nothing but politeness, or these words, stands beside the mention in the message's first sentence, whatever comes after it."""
    sentence = read.sentences[0] if read.sentences else None
    if sentence is None or sentence.end - sentence.start > _SHORT_MESSAGE or not sentence.start <= mention.first < sentence.end:
        return False
    rest = [*read.tokens[sentence.start : mention.first], *read.tokens[mention.last + 1 : sentence.end]]
    return all(not (token.is_word or token.is_figures) or token.word in _POLITE or token.word in besides for token in rest)


def is_alone(read: Read, mention: Mention) -> bool:
    """Whether nothing but politeness stands beside the mention in the message."""
    if len(read.tokens) > _SHORT_MESSAGE:
        return False
    rest: list[Token] = [*read.tokens[: mention.first], *read.tokens[mention.last + 1 :]]
    return all(not (token.is_word or token.is_figures) or token.word in _POLITE for token in rest)
