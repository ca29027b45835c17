"""Finds proper names: runs of capitalised words, without the sentence's own first word where that is a common one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from factbook.language.reading.dates import MONTHS, WEEKDAYS
from factbook.language.reading.words import Span, Token, adjacent, at, listed
from factbook.language.rules.turns import Read, Sentence

_STREETS = listed("street st road rd avenue ave lane ln drive dr boulevard blvd way court ct place square highway circle row parkway")
_LEADING = listed("new san los las saint st old north south east west fort port lake mount santa")
_LONGEST = 8  # words of one name
_JOINS = listed("of and & de la del du le di von van der the at on for")
# Words that begin sentences or are written large for other reasons, and are no names.
_COMMON = listed(
    """
    a about absolutely actually add after again ah all alright also am am's an and another any anything appointment are around as ask at
    awesome be because book both but buy by bye call can cancel change check close confirm cool correct could date definitely depart departing
    did do does don't eight either email everything exactly excellent find fine first five fix flight fly flying for four from get give go
    going good got great have haven't having he hello help her here hey hi his hmm hold how however i i'd i'll i'm i've if in instead is isn't
    it it'd it'll it's its just keep kindly last later leave leaving let let's list locate look ma'am make making man many may maybe me mine
    move mr mrs ms my name need never new next nice nine no nope not nothing now of oh ok okay on one only open or order ordered other our out
    perfect phone pick place play please pm preferably probably put really reservation reservations reserve return returning right round same
    say schedule search see send set seven she should show sir six so some something sorry sounds start still suggest super sure table take
    tell ten thank thanks that that'd that'll that's the their them then there there's these they they're this those three time to today
    tomorrow tonight travel traveling travelling try two uh um until up use wait wanna want was way we we'd we'll we're well were what what's
    when where which who whoa why will with woah wonderful work works works. would wow yeah yep yes you you're your yup
    """
)


@dataclass(frozen=True, slots=True)
class ProperName(Span):
    """A capitalised run. `first` and `last` are its token indexes, `opens` whether it begins its sentence."""

    first: int
    last: int
    opens: bool


def proper_names(read: Read) -> list[ProperName]:
    """The proper names of a text, in order."""
    return list(_proper_names(read))


def is_common(word: str) -> bool:
    """Whether a word is one that names nobody: a function word, a month, a weekday."""
    return word in _COMMON or word in MONTHS or word in WEEKDAYS


def _proper_names(read: Read) -> Iterator[ProperName]:
    tokens = read.tokens
    for sentence in read.sentences:
        index = sentence.start
        while index < sentence.end:
            if not _begins_name(read, index, sentence):
                index += 1
                continue
            last = _last_of_run(read, index, sentence.end)
            first, last = _with_house_number(tokens, index, last)
            yield ProperName(tokens[first].start, tokens[last].end, first, last, index == sentence.start)
            index = last + 1


def _begins_name(read: Read, index: int, sentence: Sentence) -> bool:
    """Whether a name begins here: a capitalised word that is no common one, or one of those few that go before names ("New York")."""
    token, tokens = read.tokens[index], read.tokens
    if not _is_capital(token):
        return False
    if token.word in _LEADING or (token.word == "the" and index > sentence.start):
        follows = index + 1 < sentence.end and _is_capital(tokens[index + 1]) and not is_common(tokens[index + 1].word)
        return follows or (index > sentence.start and token.word not in _COMMON)
    return not is_common(token.word)


def _last_of_run(read: Read, first: int, end: int) -> int:
    tokens, last, index = read.tokens, first, first + 1
    while index < min(end, first + 2 * _LONGEST):
        token = tokens[index]
        if _is_capital(token) and token.word not in ("i", "i'm", "i'd", "i'll", "i've"):
            last = index
        elif token.is_figures and len(token.text) <= 4 and _ends(tokens, index) and last == index - 1:
            last = index  # "Big 4"
        elif (
            token.text in ("-", "'", "&", ".") and adjacent(tokens, index + (token.text != "&")) and last == index - 1 and _leads_on(read, index, end)
        ):
            pass
        elif not (token.word in _JOINS and token.word not in ("at", "on", "for") and last == index - 1 and _leads_on(read, index, end)):
            break
        index += 1
    return last


def _ends(tokens: Sequence[Token], index: int) -> bool:
    """Whether nothing that belongs to it follows the token without a space, such as the ":30" of a time."""
    return not adjacent(tokens, index + 1) or (tokens[index + 1].text in ".,!?;)" and not adjacent(tokens, index + 2))


def _with_house_number(tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    """The run of a street's name with the number before it, and with a flat, a city or a postcode behind it."""
    if not (first > 0 and tokens[first - 1].is_figures and _STREETS & {token.word for token in tokens[first : last + 1]}):
        return first, last
    if at(tokens, last + 1) == "#" and last + 2 < len(tokens) and tokens[last + 2].is_figures:
        last += 2
    while at(tokens, last + 1) == "," and last + 2 < len(tokens) and _is_place_part(tokens[last + 2]):
        last += 2
        while last + 1 < len(tokens) and _is_place_part(tokens[last + 1]):
            last += 1
    return first - 1, last


def _is_place_part(token: Token) -> bool:
    """Whether a token behind a street may be its city or postcode."""
    return (_is_capital(token) and not is_common(token.word)) or (token.is_figures and 4 <= len(token.text) <= 6)


def _leads_on(read: Read, index: int, end: int) -> bool:
    """Whether a capitalised word that belongs to a name follows the joining one."""
    joined = index + 1
    if joined < end and read.tokens[joined].word in _JOINS and read.tokens[joined].text.islower():
        joined += 1
    return joined < end and _is_capital(read.tokens[joined]) and not is_common(read.tokens[joined].word)


def _is_capital(token: Token) -> bool:
    return token.is_word and token.text[0].isupper()
