"""Reads yes, no, and "I do not mind" out of a short answer or a quote."""

from collections.abc import Sequence

from factbook.language.reading.words import holds, listed, phrases, tokens, words

_YES = listed("""
    yes yeah yep yup yea aye sure correct right ok okay perfect fine exactly absolutely definitely certainly agreed great good
    true confirmed indeed
    """)
_YES_PHRASES = phrases(
    "that works|works for me|sounds good|sounds great|go ahead|of course|please do|i do|i am|i have|do it|that would be|that will do|i confirm"
    "|try that|try it|that is it|that's it|suits me|i can do that|i'd like that|that will work|that should work"
)
_NO = listed("no nope nah never not none neither false without")
_NEGATIONS = _NO | {"n't", "cannot"}
_UNDECIDED_PHRASES = phrases(
    "don't care|do not care|doesn't matter|does not matter|don't mind|do not mind|no preference|not sure|don't know|do not know|up to you|whatever"
    "|anything|any|either|whichever|no idea|not important|i'm flexible|anywhere|anytime|dontcare|i prefer not|rather not say|surprise me|n a|unknown"
)
_HEAD = 6  # words in which an answer says whether it is yes or no


def answer_of(text: str) -> bool | None:
    """Whether a message begins with a yes or a no; None when with neither."""
    head = words(text)[:_HEAD]
    for index, word in enumerate(head):
        if is_negation(word):
            return False
        if word in _YES and index < 3:
            return True
    return True if any(holds(head, phrase) for phrase in _YES_PHRASES) else None


def says_yes(read: Sequence[str]) -> bool:
    """Whether the words hold one that agrees, and none that denies."""
    return not denies(read) and (any(word in _YES for word in read) or any(holds(read, phrase) for phrase in _YES_PHRASES))


def denies(read: Sequence[str]) -> bool:
    """Whether the words hold one that denies."""
    return any(is_negation(word) for word in read)


def is_negation(word: str) -> bool:
    """Whether a folded word denies: "no", "not", "don't", "without"."""
    return word in _NEGATIONS or word.endswith("n't")


def without_undecided(text: str) -> str:
    """The text with every "I do not mind" and "anything" in it replaced by a dash, so that only what was decided is read."""
    read = [token for token in tokens(text) if token.is_word]
    kept, end, index = [], 0, 0
    while index < len(read):
        phrase = next((each for each in _UNDECIDED_PHRASES if tuple(token.word for token in read[index : index + len(each)]) == each), None)
        if phrase is None:
            index += 1
            continue
        last = read[index + len(phrase) - 1]
        kept += [text[end : read[index].start], "-"]
        end, index = last.end, index + len(phrase)
    return "".join([*kept, text[end:]])
