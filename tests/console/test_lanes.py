"""How jobs are drawn along time, on jobs that were made up: what stands where, whichever times and however many there are."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.console.customer.lanes import MOST_LANES, strip_of
from factbook.history import FlowStatus, JobSpan, JobStanding

START = datetime(2026, 1, 15, tzinfo=UTC)


def span(number: int, first: datetime | None, last: datetime | None, *statuses: FlowStatus) -> JobSpan:
    return JobSpan(JobStanding(f"j{number}", UUID(int=1), "g", None, START, statuses), first, last)


def days(number: int, first: int, last: int, *statuses: FlowStatus) -> JobSpan:
    return span(number, START + timedelta(days=first), START + timedelta(days=last), *statuses)


def place(text: str) -> float:
    return float(text.removesuffix("%"))


def test_without_an_entry_there_is_no_strip() -> None:
    assert strip_of([]) is None
    assert strip_of([span(1, None, None)]) is None


def test_bars_stand_one_below_the_other_in_the_order_of_their_beginnings() -> None:
    strip = strip_of([days(1, 50, 100), days(2, 0, 10, FlowStatus.COMPLETED), days(3, 0, 100, FlowStatus.BLOCKED), span(4, None, None)])
    assert strip is not None
    assert [(lane.job_id, lane.signal, place(lane.begins), place(lane.ends)) for lane in strip.lanes] == [
        ("j2", FlowStatus.COMPLETED, 6.0, 15.2),
        ("j3", FlowStatus.BLOCKED, 6.0, 98.0),
        ("j1", FlowStatus.ACTIVE, 52.0, 98.0),
    ]
    assert [lane.y for lane in strip.lanes] == sorted({lane.y for lane in strip.lanes})
    assert (strip.others, strip.waiting) == (0, 1)


def test_of_too_many_jobs_those_that_were_active_last_are_shown() -> None:
    strip = strip_of([days(number, 0, number) for number in range(MOST_LANES + 7)])
    assert strip is not None
    assert len(strip.lanes) == MOST_LANES
    assert {lane.job_id for lane in strip.lanes} == {f"j{number}" for number in range(7, MOST_LANES + 7)}
    assert strip.others == 7


@pytest.mark.parametrize(
    ("length", "texts"),
    [
        (0, ["2026-01-15"]),
        (10, ["2026-01-15"]),
        (60, ["Feb 2026", "Mar 2026"]),
        (300, ["Mar 2026", "May 2026", "Jul 2026"]),
        (1_500, ["2027", "2028", "2029", "2030"]),
        (9_000, ["2030", "2035", "2040"]),
        (700_000, ["2500", "3000", "3500"]),
    ],
)
def test_the_axis_has_months_or_years_and_few_of_them(length: int, texts: list[str]) -> None:
    strip = strip_of([days(1, 0, length)])
    assert strip is not None
    assert [tick.text for tick in strip.ticks][:3] == texts[:3]
    assert len(strip.ticks) <= 5


instants = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001  # given a zone by the strategy


@given(st.lists(st.tuples(instants, instants), min_size=1, max_size=60))
def test_whatever_the_times_everything_stands_within_the_strip(pairs: list[tuple[datetime, datetime]]) -> None:
    strip = strip_of([span(number, min(pair), max(pair)) for number, pair in enumerate(pairs)])
    assert strip is not None
    assert len(strip.lanes) + strip.others == len(pairs)
    for lane in strip.lanes:
        assert 6 <= place(lane.begins) <= place(lane.ends) <= 98
        assert 0 < lane.y < strip.axis < strip.height
    places = [place(tick.x) for tick in strip.ticks]
    assert 1 <= len(places) <= 5
    assert places == sorted(places)
    assert all(6 <= each <= 98 for each in places)
