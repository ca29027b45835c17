"""Reads days: "2019-03-01", "March 3rd", "the 5th", "next Friday", "tomorrow", resolved against the day on which they were said.

What "next Friday" is: the Friday of the next week from Monday to Sunday. A day without its year, month or week is the next such day, or the last
one where the field speaks of what is past. 03/04/2019 has two meanings and so gets none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from factbook.language.reading.numbers import UNITS
from factbook.language.reading.words import Span, Token, adjacent, at, in_order, listed, tokens

Towards = Literal["future", "past"]

_MONTH_NAMES = in_order("january february march april may june july august september october november december")
MONTHS = (
    {name: number for number, name in enumerate(_MONTH_NAMES, 1)} | {name[:3]: number for number, name in enumerate(_MONTH_NAMES, 1)} | {"sept": 9}
)
WEEKDAYS = {name: number for number, name in enumerate(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])}
WEEKDAYS |= {"mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6}
_SHORT_WEEKDAYS = frozenset(word for word in WEEKDAYS if not word.endswith("day"))  # "sat", "sun" and "wed" are words of their own, too
_ORDINAL_NAMES = in_order(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth "
    "eighteenth nineteenth twentieth"
)
_ORDINALS = {name: number for number, name in enumerate(_ORDINAL_NAMES, 1)} | {"thirtieth": 30}
_SUFFIXES = ("st", "nd", "rd", "th")
_AFTER_BARE_DAY = listed("at for please of from to and with in is on by if or this next instead would that it i'll i'd thanks when until till")
_BEFORE_BARE_DAY = listed("on for by until till from before after is be of about around to day date")
_BEGINNINGS = frozenset(
    {*MONTHS, *WEEKDAYS, *_ORDINALS, *UNITS} | listed("the today tonight tomorrow yesterday day this next last coming upcoming in a")
)
_UNITS_OF_TIME = {"day": 1, "days": 1, "week": 7, "weeks": 7}


@dataclass(frozen=True, slots=True)
class Day(Span):
    """A day in a text: `future` and `past` are its readings; they differ where its year, month or week is not said.

    None when it has no one reading. `is_ambiguous`: day and month could be either of two figures.
    """

    future: date | None
    past: date | None
    said_on: date | None = None
    is_ambiguous: bool = False

    def reading(self, towards: Towards) -> date | None:
        """The day, seen in this direction."""
        return self.future if towards == "future" else self.past

    def may_lie(self, towards: Towards) -> bool:
        """Whether the day can lie in this direction, seen from the day it was said."""
        found = self.reading(towards)
        return found is None or self.said_on is None or (found >= self.said_on if towards == "future" else found <= self.said_on)


def dates(text: str, said_at: datetime | None, read: Sequence[Token] | None = None) -> list[Day]:
    """The days in a text, in order. Without `said_at` only full dates have a reading. The day it was said is that of `said_at`'s own offset."""
    return list(_dates(tokens(text) if read is None else read, said_at.date() if said_at else None))


def _dates(read: Sequence[Token], today: date | None) -> Iterator[Day]:
    index = 0
    while index < len(read):
        if not (read[index].is_figures or read[index].word in _BEGINNINGS):
            index += 1
            continue
        for rule in (_figures, _month_first, _day_first, _relative, _weekday, _bare_day, _distance):
            found = rule(read, index, today)
            if found is not None:
                future, past, end = found
                is_ambiguous = rule is _figures and future is None
                yield Day(read[index].start, read[end - 1].end, future, past, today, is_ambiguous)
                index = end
                break
        else:
            index += 1


_Found = tuple[date | None, date | None, int]


def _figures(read: Sequence[Token], index: int, today: date | None) -> _Found | None:
    """2019-03-01, 1.3.2019, 31/12/2019."""
    separator = at(read, index + 1)
    if separator not in ("-", ".", "/") or at(read, index + 3) != separator or not all(adjacent(read, index + step) for step in range(1, 5)):
        return None
    if adjacent(read, index) and read[index - 1].text not in "(\"'“":
        return None
    parts = [at(read, index + step) for step in (0, 2, 4)]
    if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts) or (
        adjacent(read, index + 5) and not _closes(read, index + 5)
    ):
        return None
    first, second, third = map(int, parts)
    if [len(part) for part in parts] == [4, 2, 2]:
        day = _day(first, second, third)
    elif len(parts[2]) != 4 or len(parts[0]) > 2 or len(parts[1]) > 2:
        return None
    elif separator == "/" and max(first, second) <= 12 and first != second:
        return None, None, index + 5  # nobody can tell which of the two is the month
    else:
        day = _day(third, *((first, second) if separator == "/" and second > 12 else (second, first)))
    return (day, day, index + 5) if day else None


def _closes(read: Sequence[Token], index: int) -> bool:
    return (
        not (read[index].is_word and read[index].word != "t")
        and not read[index].is_figures
        and not (read[index].text in "-/" and adjacent(read, index + 1))
    )


def _month_first(read: Sequence[Token], index: int, today: date | None) -> _Found | None:
    """March 3rd, March 3, 2019, Mar. 3."""
    month = MONTHS.get(at(read, index))
    after = index + 2 if at(read, index + 1) in (".", "the") else index + 1
    found = _number_of_day(read, after)
    if month is None or found is None or (read[index].text.islower() and at(read, index) in ("may", "march", "mar") and not found[2]):
        return None
    day, end, _ = found
    return _with_year(read, day, month, end, today)


def _day_first(read: Sequence[Token], index: int, today: date | None) -> _Found | None:
    """The 3rd of March, 3 March 2019."""
    found = _number_of_day(read, index + (at(read, index) == "the"))
    if found is None:
        return None
    day, end, _ = found
    end += at(read, end) == "of"
    month = MONTHS.get(at(read, end))
    if month is not None:
        return _with_year(read, day, month, end + 1, today)
    if at(read, end) in ("this", "the", "next") and at(read, end + 1) == "month" and at(read, end - 1) == "of":
        if today is None:
            return None, None, end + 2
        months = today.month + (at(read, end) == "next")
        resolved = _day(today.year + (months > 12), (months - 1) % 12 + 1, day)
        return resolved, resolved, end + 2
    return None


def _with_year(read: Sequence[Token], day: int, month: int, end: int, today: date | None) -> _Found | None:
    comma = at(read, end) == ","
    year = at(read, end + comma)
    if len(year) == 4 and year.isascii() and year.isdigit() and 1000 <= int(year) < 2200 and not _goes_on(read, end + comma + 1):
        resolved = _day(int(year), month, day)
        return (resolved, resolved, end + comma + 1) if resolved else None
    if _day(2000, month, day) is None:
        return None
    if today is None:
        return None, None, end
    around = [found for years in range(-8, 9) if (found := _day(today.year + years, month, day)) is not None]
    return min((day for day in around if day >= today), default=None), max((day for day in around if day <= today), default=None), end


def _goes_on(read: Sequence[Token], index: int) -> bool:
    return adjacent(read, index) and read[index].text in ":-/" and adjacent(read, index + 1)


def _number_of_day(read: Sequence[Token], index: int) -> tuple[int, int, bool] | None:
    """The day of a month, the index behind it, and whether it was written as an ordinal."""
    word = at(read, index)
    if word in _ORDINALS:
        return _ORDINALS[word], index + 1, True
    if word in ("twenty", "thirty"):
        behind = index + 1 + (at(read, index + 1) == "-")
        ones = _ORDINALS.get(at(read, behind), 10)
        return (UNITS[word] + ones, behind + 1, True) if ones < 10 and UNITS[word] + ones <= 31 else None
    if not (word.isascii() and word.isdigit() and len(word) <= 2 and 1 <= int(word) <= 31) or _is_part(read, index):
        return None
    if at(read, index + 1) in _SUFFIXES and adjacent(read, index + 1):
        return int(word), index + 2, True
    return (int(word), index + 1, False) if not _goes_on(read, index + 1) and not (adjacent(read, index + 1) and read[index + 1].is_word) else None


def _is_part(read: Sequence[Token], index: int) -> bool:
    return adjacent(read, index) and (read[index - 1].text in "$€£#-/:.,_" or read[index - 1].is_word)


def _relative(read: Sequence[Token], index: int, today: date | None) -> _Found | None:
    """Today, tomorrow, the day after tomorrow, this evening."""
    length, offset = 1, {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}.get(at(read, index))
    after_the = index + (at(read, index) == "the")
    if at(read, after_the) == "day" and at(read, after_the + 1) in ("after", "before"):
        ahead = (at(read, after_the + 1), at(read, after_the + 2))
        offset = {("after", "tomorrow"): 2, ("before", "yesterday"): -2}.get(ahead)
        length = after_the + 3 - index
    elif at(read, index) == "this" and at(read, index + 1) in ("morning", "afternoon", "evening"):
        offset, length = 0, 2
    if offset is None:
        return None
    day = _shifted(today, offset)
    return day, day, index + length


def _weekday(read: Sequence[Token], index: int, today: date | None) -> _Found | None:
    """Friday, this Friday, next Friday, Friday next week, last Friday."""
    which = at(read, index) if at(read, index) in ("next", "this", "coming", "last", "upcoming") else ""
    place = index + bool(which)
    weekday = WEEKDAYS.get(at(read, place))
    if weekday is None or (at(read, place) in _SHORT_WEEKDAYS and not read[place].text[:1].isupper()):
        return None
    end = place + 1
    if at(read, end) in ("next", "this") and at(read, end + 1) == "week":
        which, end = f"{at(read, end)} week", end + 2
    elif at(read, end) == "of" and at(read, end + 1) in ("next", "this") and at(read, end + 2) == "week":
        which, end = f"{at(read, end + 1)} week", end + 3
    if today is None:
        return None, None, end
    to_this_week = weekday - today.weekday()
    ahead, behind = (to_this_week - 1) % 7 + 1, -((-to_this_week - 1) % 7 + 1)
    one_meaning = {"next": to_this_week + 7, "next week": to_this_week + 7, "this week": to_this_week, "last": behind}
    if which in one_meaning:
        day = _shifted(today, one_meaning[which])
        return day, day, end
    return _shifted(today, ahead), _shifted(today, behind), end


def _bare_day(read: Sequence[Token], index: int, today: date | None) -> _Found | None:
    """The 5th, on the 5th: an ordinal that no noun follows."""
    found = _number_of_day(read, index + 1) if at(read, index) == "the" else None
    if found is None or not found[2] or (found[0] in (1, 2) and at(read, index + 1) in _ORDINALS):
        return None
    day, end, _ = found
    follows = read[end] if end < len(read) else None
    if not (follows is None or follows.text in ".,!?;)" or follows.word in _AFTER_BARE_DAY):
        return None
    if at(read, index + 1) in _ORDINALS and at(read, index - 1) not in _BEFORE_BARE_DAY:
        return None  # "the third" may be anything
    if today is None:
        return None, None, end
    return _next_such_day(today, day), _last_such_day(today, day), end


def _next_such_day(today: date, day: int) -> date | None:
    for offset in range(4):
        months = today.month - 1 + offset
        found = _day(today.year + months // 12, months % 12 + 1, day)
        if found is not None and found >= today:
            return found
    return None


def _last_such_day(today: date, day: int) -> date | None:
    for offset in range(4):
        months = today.month - 1 - offset
        found = _day(today.year + months // 12, months % 12 + 1, day)
        if found is not None and found <= today:
            return found
    return None


def _distance(read: Sequence[Token], index: int, today: date | None) -> _Found | None:
    """In three days, a week from today."""
    start = index + (at(read, index) == "in")
    word = at(read, start)
    count = (
        1
        if word in ("a", "one")
        else UNITS.get(word)
        if word in UNITS
        else int(word)
        if word.isascii() and word.isdigit() and len(word) <= 3
        else None
    )
    days = _UNITS_OF_TIME.get(at(read, start + 1))
    behind = start + 2
    from_now = at(read, behind) == "from" and at(read, behind + 1) in ("now", "today")
    if count is None or days is None or not (from_now or (start > index and at(read, behind) not in ("of", "before", "after"))):
        return None
    day = _shifted(today, count * days)
    return day, day, behind + 2 * from_now


def _shifted(today: date | None, days: int) -> date | None:
    try:
        return today + timedelta(days) if today else None
    except OverflowError:  # the ends of the calendar
        return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
