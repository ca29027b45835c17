"""Reads times of day: "11:30 am", "18:30", "half past 11 in the morning", "evening 4:15", "noon"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from factbook.language.reading.numbers import UNITS
from factbook.language.reading.words import Span, Token, adjacent, at, tokens

_HALF_DAY = 12 * 60
_PARTS = {"morning": "am", "afternoon": "pm", "evening": "pm", "night": "pm", "noon": "pm"}
_NAMED = {"noon": 12 * 60, "midday": 12 * 60, "midnight": 0}
_PAST = {"half": 30, "quarter": 15}
_BEGINNINGS = frozenset({*UNITS, *_PARTS, *_NAMED, *_PAST})


@dataclass(frozen=True, slots=True)
class TimeOfDay(Span):
    """A time of day. `minutes` counts from midnight; `is_certain` is false when morning and afternoon are both possible."""

    minutes: int
    is_certain: bool

    def same_as(self, other: "TimeOfDay") -> bool:
        """Whether both may mean the same time."""
        if self.is_certain and other.is_certain:
            return self.minutes == other.minutes
        return self.minutes % _HALF_DAY == other.minutes % _HALF_DAY


@dataclass(frozen=True, slots=True)
class _Clock:
    """Hours and minutes read so far, the index behind them, and "am" or "pm" if it was said."""

    hour: int
    minute: int
    end: int
    is_explicit: bool
    half: str = ""


def times(text: str, read: Sequence[Token] | None = None) -> list[TimeOfDay]:
    """The times in a text, in order. A bare number is a time only beside words that make it one."""
    return list(_times(tokens(text) if read is None else read))


def _times(read: Sequence[Token]) -> Iterator[TimeOfDay]:
    index = 0
    while index < len(read):
        found = _time(read, index) if read[index].is_figures or read[index].word in _BEGINNINGS else None
        if found is None:
            index += 1
        else:
            time, index = found
            yield time


def _time(read: Sequence[Token], index: int) -> tuple[TimeOfDay, int] | None:
    if at(read, index) in _NAMED and at(read, index - 1) not in ("after", "this", "in", "late"):
        return TimeOfDay(read[index].start, read[index].end, _NAMED[at(read, index)], is_certain=True), index + 1
    part = _PARTS.get(at(read, index), "")
    start = index + 1 if part else index
    if part and at(read, start) in ("at", "around"):
        return None  # "in the afternoon at 3" is read from the 3
    clock = _clock(read, start)
    if clock is None:
        return None
    half, end = _half(read, clock)
    if not (half or part or clock.is_explicit):
        return None
    return _of(read[index], read[end - 1], clock, half or part), end


def _clock(read: Sequence[Token], index: int) -> _Clock | None:
    """Hours, with minutes: "11", "11:30", "eleven thirty", "half past 11", "quarter to five"."""
    word = at(read, index)
    if word in _PAST and at(read, index + 1) in ("past", "to", "after", "before", "till"):
        hour = _hour(read, index + 2)
        if hour is None or (word == "half" and at(read, index + 1) != "past"):
            return None
        minutes = hour * 60 + (_PAST[word] if at(read, index + 1) in ("past", "after") else -_PAST[word])
        return _Clock(minutes // 60 % 24, minutes % 60, index + 3, is_explicit=True)
    hour = _hour(read, index)
    if hour is None or _is_inside_code(read, index):
        return None
    if at(read, index + 1) in (":", ".") and adjacent(read, index + 1) and adjacent(read, index + 2) and len(at(read, index + 2)) == 2:
        minute = int(read[index + 2].text) if read[index + 2].is_figures else 60
        if minute > 59 or (adjacent(read, index + 3) and at(read, index + 3) in (".", ":", "/") and adjacent(read, index + 4)):
            return None
        return _Clock(hour, minute, index + 3, is_explicit=at(read, index + 1) == ":")
    if at(read, index + 1) in ("thirty", "fifteen", "forty") and not read[index].is_figures:
        minute = UNITS[at(read, index + 1)]
        compound = at(read, index + 2) == "five" and minute == UNITS["forty"]
        return _Clock(hour, minute + 5 * compound, index + 2 + compound, is_explicit=minute == UNITS["thirty"] or compound)
    return _Clock(hour, 0, index + 1, is_explicit=False)


def _hour(read: Sequence[Token], index: int) -> int | None:
    word = at(read, index)
    number = UNITS.get(word, 24) if not word[:1].isdigit() else int(word) if len(word) <= 2 and word.isascii() else 24
    return number if number < 24 else None


def _is_inside_code(read: Sequence[Token], index: int) -> bool:
    before = at(read, index - 1)
    return adjacent(read, index) and (before in ("$", "€", "£", "#", "-", "/", ":", "_") or (before in (".", ",") and adjacent(read, index - 1)))


def _half(read: Sequence[Token], clock: _Clock) -> tuple[str, int]:
    """Which half of the day the words behind the clock say, and the index behind them."""
    end = clock.end
    if at(read, end) == "o" and at(read, end + 2) == "clock":
        end += 3
    elif at(read, end) == "o'clock":
        end += 1
    if at(read, end) in ("am", "pm"):
        return at(read, end), end + 1
    if at(read, end) in ("a", "p") and at(read, end + 1) == "." and at(read, end + 2) == "m" and adjacent(read, end + 2):
        return at(read, end) + "m", end + (4 if at(read, end + 3) == "." and adjacent(read, end + 3) else 3)
    if at(read, end) in ("in", "at") and at(read, end + 1) in ("the", "night") and _PARTS.get(at(read, end + 2 - (at(read, end) == "at"))):
        last = end + 2 - (at(read, end) == "at")
        return _PARTS[at(read, last)], last + 1
    return ("" if end == clock.end else "o'clock"), end


def _of(first: Token, last: Token, clock: _Clock, half: str) -> TimeOfDay:
    hour = clock.hour
    if half == "am":
        hour %= 12 if hour == 12 else 24
    elif half == "pm" and hour < 12:
        hour += 12
    certain = half in ("am", "pm") or hour > 12 or hour == 0
    return TimeOfDay(first.start, last.end, hour * 60 + clock.minute, certain)
