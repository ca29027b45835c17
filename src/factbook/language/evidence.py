"""Decides whether quoted words hold a value, by the type of its field. Pure: words and value in, yes or no out.

A text and an address stand in the quote; a telephone number has its figures; a number stands there in figures or words; a day is the one that the
words mean on the day they were said, or the words themselves; yes and no are said, or the field's own words are, or the agent asked; an allowed value
is named; an object or array has each of its leaves. Words that say "anything will do" hold nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

from factbook.language.reading.assent import answer_of, denies, says_yes, without_undecided
from factbook.language.reading.choices import choices, hinted, singular
from factbook.language.reading.dates import dates
from factbook.language.reading.numbers import numbers
from factbook.language.reading.phones import digits_of
from factbook.language.reading.times import times
from factbook.language.reading.words import folded, listed, stands_in, words
from factbook.language.tasks import WantedField

_PHONE_MARKS = frozenset("0123456789 +().-/\u00a0")
_FEWEST_PHONE_FIGURES = 3
_VAGUE_DAYS = listed("day week weekend month year spring summer autumn fall winter morning afternoon evening tonight soon christmas easter")
_DEEPEST = 20  # levels of an object
# Words of a field's name or description that many other fields have, so that they name none.
IDLE_WORDS = listed("""
    a an the of to for in on at is are be was has have had do does did will would or and not if whether flag boolean indicating
    indicate it its they that this which who with by from user customer client person available allowed value field yes no true
    false any some out up as can you your my me i we
    """)


def is_quoted(quote: str, text: str | None) -> bool:
    """Whether the quote says something and stands in the text, character for character."""
    return text is not None and bool(quote.strip()) and quote in text


def holds_value(quote: str, value: object, field: WantedField, said_at: datetime | None) -> bool:
    """Whether the quoted words hold the value. `said_at` is when they were said, for days such as "tomorrow"."""
    quote = without_undecided(quote)
    if field.allowed_values is not None and field.value_type != "json":
        return _holds_choice(quote, value, field)
    match field.value_type:
        case "string" | "email":
            return isinstance(value, str) and stands_in(value, quote)
        case "phone":
            return isinstance(value, str) and holds_phone(quote, value)
        case "number":
            return _holds_number(quote, value)
        case "date":
            return isinstance(value, str) and (_holds_day(quote, value, said_at) or (_reads_as_day(value, said_at) and stands_in(value, quote)))
        case "boolean":
            return isinstance(value, bool) and holds_verdict(quote, value, field)
        case "json":
            return isinstance(value, dict | list) and _holds_leaves(quote, value, 0)


def _holds_choice(quote: str, value: object, field: WantedField) -> bool:
    allowed = field.allowed_values or ()
    text = _text_of(value)
    if text not in allowed:
        return False
    if any(choice.value == text for choice in choices(quote, allowed)):
        return True
    others = hinted(field.hint or "", allowed)
    if others and any(others[choice.value] == text for choice in choices(quote, tuple(others))):
        return True
    meaning = verdict_of(text)
    return meaning is not None and holds_verdict(quote, meaning, field)


def verdict_of(text: str) -> bool | None:
    """What an allowed value says when all that it says is yes or no."""
    return {"true": True, "yes": True, "false": False, "no": False}.get(folded(text))


def _text_of(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value) if isinstance(value, float) or (isinstance(value, int) and abs(value) < 10**15) else ""


def holds_phone(quote: str, value: str) -> bool:
    """Whether a run of figures in the quote, grouped in whatever way, has exactly the value's figures."""
    wanted = digits_of(value)
    if len(wanted) < _FEWEST_PHONE_FIGURES or not _PHONE_MARKS.issuperset(value):
        return False
    runs = "".join(character if character in _PHONE_MARKS else "\n" for character in quote).split("\n")
    return any(digits_of(run) == wanted for run in runs)


def _holds_number(quote: str, value: object) -> bool:
    wanted = _decimal(value)
    return wanted is not None and any(number.value == wanted for number in numbers(quote))


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str) or (isinstance(value, int) and abs(value) >= 10**15):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _holds_day(quote: str, value: str, said_at: datetime | None) -> bool:
    day, _, time = value.partition("T")
    meant = {reading.isoformat() for found in dates(quote, said_at) for reading in (found.future, found.past) if reading}
    return day in meant and (not time or _holds_time(quote, time))


def _holds_time(quote: str, written: str) -> bool:
    asked = times(written[:5])
    return len(asked) == 1 and len(written) in (5, 8) and written[5:] in ("", ":00") and any(found.same_as(asked[0]) for found in times(quote))


def _reads_as_day(value: str, said_at: datetime | None) -> bool:
    """Whether the words speak of a day at all, resolved or not."""
    return bool(dates(value, said_at)) or any(word in _VAGUE_DAYS for word in words(value))


def holds_verdict(quote: str, value: bool, field: WantedField) -> bool:
    """Whether the quote says yes or no, or speaks of the field's own matter, denying it where the value is no."""
    read = words(quote)
    if value:
        return says_yes(read) or answer_of(quote) is True or (names_field(read, field) and not denies(read))
    return denies(read)


def names_field(read: Sequence[str], field: WantedField) -> bool:
    """Whether the words hold one that tells this field from others."""
    return not field_words(field).isdisjoint(map(singular, read))


def field_words(field: WantedField) -> frozenset[str]:
    """The words of a field's name and display name that mean something, in the singular."""
    return frozenset(singular(word) for text in (field.name, field.display_name or "") for word in words(text)) - IDLE_WORDS


def _holds_leaves(quote: str, value: object, depth: int) -> bool:
    if depth > _DEEPEST:
        return False
    match value:
        case dict():
            return bool(value) and all(_holds_leaves(quote, leaf, depth + 1) for leaf in value.values())
        case list():
            return bool(value) and all(_holds_leaves(quote, leaf, depth + 1) for leaf in value)
        case bool():
            return says_yes(words(quote)) if value else denies(words(quote))
        case int() | float():
            return _holds_number(quote, value)
        case str():
            return stands_in(value, quote)
        case _:
            return False
