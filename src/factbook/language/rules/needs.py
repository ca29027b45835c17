"""Reads what a scenario's text asks for: the phrases behind "needs", "ask for", "requires", and those before "is required".

Each phrase comes with how sure it is: asked for outright, asked for only under a condition, or merely taken for given.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from factbook.language.reading.words import Token, at, holds, listed, phrases, tokens
from factbook.language.reading.words import sentences as sentences_of
from factbook.language.rules.noun_phrases import NamedPhrase, named_phrase

OUTRIGHT = 0.9  # asked for in so many words, and the noun is one that forms ask for
STATED = 0.8  # asked for in so many words
CONDITIONAL = 0.75  # asked for in some cases that no field decides: a human should look
IMPLIED = 0.7  # spoken of as given

_OPENING = phrases(
    "need|needs|require|requires|ask for|asks for|ask them for|ask the customer for|ask the patient for|collect|collects|take down"
    "|takes down|take the|take|provide|provides|must have|must provide|must give|must send|required :|required|verify|confirm the|confirm their"
    "|confirmed their|confirmed the|to know|know about|know the|gather|obtain|enter|enters|request the|asks for the|note down|needed :"
    "|get the|get their|gets the|give us|tell us|specify|specifies|submit|submits|include|includes|asks them for|record the|records the"
    "|fill in|identify|know which|ask which|asks which|ask the customer which|ask the patient which|with their"
)
_OPENING_BY_WORD = {first: sorted((phrase for phrase in _OPENING if phrase[0] == first), key=len) for first in {phrase[0] for phrase in _OPENING}}
_GIVEN = frozenset({("with", "their")})
_PERHAPS = frozenset({("confirm", "the"), ("get", "the"), ("take", "the"), ("take",)})  # of the customer, or for the customer
_CLOSING = listed("required mandatory needed necessary optional compulsory obligatory missing")
_SKIPPED = listed("also only to know have still usually always then first at them the us for about")
_OPTIONAL = phrases(
    "optionally|optional|if you like|if they like|if possible|if they have one|if available|if any|may add|may also|if they wish"
    "|if they want|not required|where available|helps"
)
_CONDITIONAL = listed("if unless")
_LEADING_CLAUSES = listed("if unless when whenever once after before as while")
_BREAKS = listed("then so because while but otherwise")
_DENYING = listed("not never don't doesn't without cannot can't")
_SUBJECTS = listed("who that which")


@dataclass(frozen=True, slots=True)
class Need:
    """A phrase that is asked for."""

    phrase: NamedPhrase
    confidence: float
    is_optional: bool
    condition: str | None
    choices: tuple[str, ...] = ()


def needs(text: str) -> list[Need]:
    """What the text asks for, in order."""
    read = tokens(text)
    return [need for start, end in sentences_of(text, read) for need in _needs(text, read[start:end])]


def _needs(text: str, sentence: Sequence[Token]) -> Iterator[Need]:
    clauses = list(_clauses(sentence))
    for place, whole in enumerate(clauses, 1):
        clause = _main_clause(whole, place == len(clauses))
        opened = _opening(clause)
        closed = _closing(clause)
        if opened is not None:
            begin, asking = opened
            yield from _objects(text, clause, begin, len(clause), sentence, asking)
        elif closed is not None:
            yield from _objects(text, clause, _subject(clause, closed), closed, sentence, ())


def _main_clause(clause: Sequence[Token], is_last: bool) -> Sequence[Token]:
    """The clause without a "when the customer asks for a quote," before it."""
    comma = next((index for index, token in enumerate(clause) if token.text == ","), 0)
    reach = comma or len(clause)
    if at(clause, 0) not in _LEADING_CLAUSES or any(
        at(clause, index - 1) in ("we", "you") and _opening_at(clause, index) for index in range(1, reach)
    ):
        return clause  # "before we make an offer we need a, b and c" has its comma in the list
    return clause[comma + 1 :] if comma else clause if is_last else ()


def _clauses(sentence: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The sentence cut where another statement begins: at a semicolon, a "but", a comma with a verb of asking behind it."""
    begin = 0
    for index, token in enumerate(sentence):
        aside = token.word == "and" and at(sentence, index + 1) == "," and at(sentence, index + 2) in _CONDITIONAL
        cut = aside or token.text == ";" or (token.word in _BREAKS and index > begin)
        if not cut and (token.text == "," or token.word == "and"):
            behind = sentence[index + 1 : index + 5]
            begun = [phrase for step in range(min(3, len(behind))) for phrase in _opening_at(behind, step)]
            cut = any(phrase not in _GIVEN and phrase != ("required",) for phrase in begun)
            cut = cut or (token.text == "," and _is_closed_soon(sentence, index + 1))
        if cut and index > begin:
            yield sentence[begin:index]
            begin = index + 1
    yield sentence[begin:]


def _is_closed_soon(sentence: Sequence[Token], begin: int) -> bool:
    """Whether "a payment reference is optional" or "a reference optional" follows, up to the next comma."""
    for token in sentence[begin : begin + 8]:
        if token.text == ",":
            return False
        if token.word in _CLOSING:
            return True
    return False


def _opening_at(clause: Sequence[Token], index: int) -> list[tuple[str, ...]]:
    """The phrases of asking that begin at the index, the longest last."""
    beginning = _OPENING_BY_WORD.get(clause[index].word, ())
    return [phrase for phrase in beginning if tuple(token.word for token in clause[index : index + len(phrase)]) == phrase]


def _opening(clause: Sequence[Token]) -> tuple[int, tuple[str, ...]] | None:
    """Where the objects of the clause's first asking begin, and the words that ask."""
    for index in range(len(clause)):
        longest = next(reversed(_opening_at(clause, index)), None)
        if longest is None or _is_no_asking(clause, index, longest):
            continue
        begin = index + len(longest)
        while at(clause, begin) in _SKIPPED:
            begin += 1
        return begin, longest
    return None


def _is_no_asking(clause: Sequence[Token], index: int, phrase: tuple[str, ...]) -> bool:
    """Whether the verb has another subject or is passive: "patients who need more", "is required"."""
    before = at(clause, index - 1)
    if phrase[0] in ("required", "needed") and phrase[-1] != ":" and before not in ("", "have"):
        return True
    if phrase == ("take",) and before not in ("also", ""):
        return True
    return before in _SUBJECTS or before in _DENYING or at(clause, index - 2) in ("not", "never")


def _closing(clause: Sequence[Token]) -> int | None:
    """Where the subject of "is required", "must be on file" ends."""
    for index, token in enumerate(clause):
        following = at(clause, index + 1) if at(clause, index + 1) not in ("also", "only", "always", "not") else at(clause, index + 2)
        if token.word in ("is", "are") and following in _CLOSING:
            return index
        if (
            token.word == "must"
            and at(clause, index + 1) == "be"
            and at(clause, index + 2) in ("on", "given", "provided", "known", "present", "verified", "stated")
        ):
            return index
        if (
            token.word in ("optional", "mandatory", "required")
            and index == len(clause) - 1 - (at(clause, len(clause) - 1) in (".", "!"))
            and index > 1
        ):
            return index
    return None


def _subject(clause: Sequence[Token], end: int) -> int:
    """Where the subject that ends here begins: after the last comma but for the commas of a list, after "if ... ,"."""
    head = [token.word for token in clause[:end]]
    if head[:1] and head[0] in _CONDITIONAL and "," in head:
        return head.index(",") + 1
    return next((index + 1 for index in range(end - 1, -1, -1) if head[index] in ("so", "only", "that")), 0)


def _objects(text: str, clause: Sequence[Token], begin: int, end: int, sentence: Sequence[Token], asking: tuple[str, ...]) -> Iterator[Need]:
    said = [token.word for token in sentence]
    condition = _condition(text, sentence, clause, begin)
    of_clause = [token.word for token in clause]
    is_optional = any(holds(of_clause, phrase) for phrase in _OPTIONAL) and not holds(of_clause, ("not", "optional"))
    is_optional = is_optional or (said[:1] == ["optionally"])
    items = list(_items(clause[begin:end]))
    owner = _shared_owner([item for item, _ in items])
    for item, choices in items:
        phrase = named_phrase([*item, *owner] if owner and at(item, len(item) - 1) in ("name", "names") else item)
        if phrase is None or (asking in _GIVEN and not phrase.is_slot):
            continue
        sure = OUTRIGHT if phrase.is_slot else STATED
        if asking in _GIVEN or (asking in _PERHAPS and not phrase.is_slot):
            sure = IMPLIED
        elif condition is not None:
            sure = CONDITIONAL
        yield Need(phrase, sure, is_optional, condition, choices)


def _shared_owner(items: Sequence[Sequence[Token]]) -> Sequence[Token]:
    """What the last item of a list belongs to, if the first may belong to it as well: "the name and phone number of a parent"."""
    if len(items) < 2:
        return ()
    last = [token.word for token in items[-1]]
    return items[-1][last.index("of") :] if "of" in last else ()


def _condition(text: str, sentence: Sequence[Token], clause: Sequence[Token], begin: int) -> str | None:
    """The words under which the clause asks, if it does so only under some: "if the order is international"."""
    if not sentence or any(holds([token.word for token in clause], phrase) for phrase in _OPTIONAL if phrase[0] == "if"):
        return None
    for index, token in enumerate(sentence):
        if token.word in _CONDITIONAL and (index == 0 or at(sentence, index - 1) in (",", "only", "needed", "required")):
            end = next((i for i in range(index, len(sentence)) if sentence[i].text == "," or (i > index and sentence[i].text in ".;")), len(sentence))
            if end > index + 1:
                return text[sentence[index].start : sentence[end - 1].end]
    return None


def _items(objects: Sequence[Token]) -> Iterator[tuple[Sequence[Token], tuple[str, ...]]]:
    """The items of a list, each with the choices that follow it: "express, standard or pickup" behind a colon or in brackets."""
    index = begin = 0
    while index <= len(objects):
        token = objects[index] if index < len(objects) else None
        if token is not None and _is_example(objects, index):
            yield from ((objects[begin:index], ()),) if index > begin else ()
            return
        if token is not None and token.text in (":", "(") and index > begin:
            choices, end = _choices(objects, index)
            if choices:
                yield objects[begin:index], choices
                begin = index = end
                continue
            if token.text == "(":
                yield objects[begin:index], ()
                begin = index = next((place + 1 for place in range(index, len(objects)) if objects[place].text == ")"), len(objects))
                continue
        if token is None or token.text in (",", ":", "(", ")", ".", "!", "?") or token.word in ("and", "or", "plus"):
            if index > begin:
                yield objects[begin:index], ()
            begin = index + 1
        index += 1


def _is_example(objects: Sequence[Token], index: int) -> bool:
    """Whether "e.g." or "for example" begins here, behind which nothing is asked for."""
    ahead = tuple(token.word for token in objects[index : index + 3])
    return ahead in (("e", ".", "g"), ("i", ".", "e")) or ahead[:2] in (("for", "example"), ("such", "as"))


def _choices(objects: Sequence[Token], opening: int) -> tuple[tuple[str, ...], int]:
    """The short items of a list that has an "or" in it, and the index behind; nothing when it is no such list."""
    closing = ")" if objects[opening].text == "(" else ""
    end = next((i for i in range(opening + 1, len(objects)) if objects[i].text == closing or (not closing and objects[i].text in ".;")), len(objects))
    parts: list[list[str]] = [[]]
    has_or = bool(closing) and any(token.text == "," for token in objects[opening + 1 : end])
    for token in objects[opening + 1 : end]:
        if token.text == "," or token.word == "or":
            has_or = has_or or token.word == "or"
            parts.append([])
        elif token.word == "and":
            return (), opening
        else:
            parts[-1].append(token.text)
    named = tuple(" ".join(part).replace(" - ", "-") for part in parts if part)
    return (named, end + bool(closing)) if has_or and len(named) > 1 and all(len(part) <= 4 for part in parts) else ((), opening)
