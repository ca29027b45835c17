"""Draws jobs as lanes along one line of time: how long each lasted and how it stands, as places in per cent of the width. Pure.

Nothing is said by colour alone: each lane begins with the letter of its condition. Places are relative, so that a strip is readable at any width.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from factbook.history import FlowStatus, JobSpan

MOST_LANES = 30

# Pixels from lane to lane, and what the names of months take below the last one.
_PITCH, _AXIS = 18, 22
# Per cent: room for the letters at the left, and for the rounded ends of bars at the right.
_LEFT, _RIGHT = 6.0, 98.0
_MOST_TICKS = 5
_MONTHS_BETWEEN_TICKS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1_200, 2_400, 6_000, 12_000, 24_000)


@dataclass(frozen=True, slots=True)
class Lane:
    """A job's bar, from `begins` to `ends`, its middle `y` pixels from the top."""

    job_id: str
    name: str
    signal: FlowStatus
    first_at: datetime
    last_at: datetime
    begins: str
    ends: str
    y: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis and what it says; `anchor` is the side of the text that stands at the mark."""

    x: str
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The lanes, the earliest first. `others` counts jobs that were active before those shown, `waiting` those with nothing in the ledger yet."""

    lanes: Sequence[Lane]
    ticks: Sequence[Tick]
    height: int
    axis: int
    others: int
    waiting: int


def strip_of(jobs: Sequence[JobSpan]) -> Strip | None:
    """The strip of the jobs that were active last, `MOST_LANES` at most; None when none has an entry yet."""
    spans = [(job.first_at, job.last_at, job) for job in jobs if job.first_at is not None and job.last_at is not None]
    if not spans:
        return None
    shown = sorted(spans, key=lambda span: (span[1], span[0], span[2].job.id))[-MOST_LANES:]
    shown.sort(key=lambda span: (span[0], span[1], span[2].job.id))
    scale = _Scale(min(first for first, _, _ in shown), max(last for _, last, _ in shown))
    lanes = [_lane(scale, place, *span) for place, span in enumerate(shown)]
    axis = _PITCH * len(lanes)
    return Strip(lanes, list(_ticks(scale)), axis + _AXIS, axis, len(spans) - len(shown), len(jobs) - len(spans))


@dataclass(frozen=True, slots=True)
class _Scale:
    first_at: datetime
    last_at: datetime

    def place(self, instant: datetime) -> float:
        """Per cent of the width. A strip of one instant stands at the left."""
        whole = (self.last_at - self.first_at).total_seconds()
        part = (instant - self.first_at).total_seconds() / whole if whole else 0.0
        return _LEFT + part * (_RIGHT - _LEFT)


def _lane(scale: _Scale, place: int, first_at: datetime, last_at: datetime, span: JobSpan) -> Lane:
    job = span.job
    begins, ends = _percent(scale.place(first_at)), _percent(scale.place(last_at))
    return Lane(job.id, job.address or job.id, job.derived_signal, first_at, last_at, begins, ends, _PITCH * place + _PITCH // 2)


def _percent(place: float) -> str:
    return f"{place:.1f}%"


def _ticks(scale: _Scale) -> Iterator[Tick]:
    """Beginnings of months or years, evenly apart and few; the first day where no month begins within the strip."""
    for months in _MONTHS_BETWEEN_TICKS:
        starts = list(_starts(scale, months))
        if len(starts) <= _MOST_TICKS:
            break
    if not starts:
        yield Tick(_percent(_LEFT), f"{_in_utc(scale.first_at):%Y-%m-%d}", "start")
    for start in starts:
        place = scale.place(start)
        yield Tick(_percent(place), str(start.year) if months >= 12 else f"{start:%b} {start.year}", "end" if place > 80 else "start")


def _starts(scale: _Scale, months: int) -> Iterator[datetime]:
    """Every so many months within the strip, reckoned from year 0. No more than one over the most there may be."""
    first = _in_utc(scale.first_at)
    number = -(-(first.year * 12 + first.month - 1) // months) * months
    found = 0
    while found <= _MOST_TICKS and number // 12 <= 9999:
        if number >= 12:
            start = datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
            if start > scale.last_at:
                return
            if start >= scale.first_at:
                found += 1
                yield start
        number += months


def _in_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
