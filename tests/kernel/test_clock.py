"""Instants: UTC, whole milliseconds, cut and never rounded, one way of writing them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.kernel.clock import cut_to_millisecond, format_instant, now, parse_instant

OFFSETS = st.timedeltas(-timedelta(hours=23, minutes=59), timedelta(hours=23, minutes=59)).map(timezone)
# Two days off the edges of the calendar, so that every offset stays inside it.
INSTANTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=OFFSETS)  # noqa: DTZ001 - hypothesis adds the zone
MILLISECOND = timedelta(milliseconds=1)


def test_now_is_a_whole_millisecond_in_utc_that_has_begun() -> None:
    before = datetime.now(UTC)
    instant = now()
    after = datetime.now(UTC)
    assert instant.tzinfo is UTC
    assert instant.microsecond % 1000 == 0
    assert before - MILLISECOND < instant <= after


@given(INSTANTS)
def test_cutting_goes_back_by_less_than_a_millisecond_and_only_once(instant: datetime) -> None:
    cut = cut_to_millisecond(instant)
    assert cut.tzinfo is UTC
    assert timedelta(0) <= instant - cut < MILLISECOND
    assert cut_to_millisecond(cut) == cut


@given(INSTANTS, INSTANTS)
def test_cutting_keeps_the_order_of_instants(one: datetime, other: datetime) -> None:
    earlier, later = sorted([one, other])
    assert cut_to_millisecond(earlier) <= cut_to_millisecond(later)


def test_microseconds_are_cut_and_never_rounded() -> None:
    assert format_instant(cut_to_millisecond(datetime(2026, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC))) == "2026-01-01T00:00:00.999Z"


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="an instant needs a time zone"):
        cut_to_millisecond(datetime(2026, 1, 1))  # noqa: DTZ001 - the missing zone is the point


@given(INSTANTS)
def test_a_formatted_instant_reads_back_as_the_same_millisecond(instant: datetime) -> None:
    text = format_instant(instant)
    assert len(text) == len("2026-01-01T00:00:00.000Z")
    assert parse_instant(text) == cut_to_millisecond(instant)


@given(INSTANTS, INSTANTS)
def test_formatted_instants_sort_as_text_as_they_do_in_time(one: datetime, other: datetime) -> None:
    earlier, later = sorted([one, other])
    assert format_instant(earlier) <= format_instant(later)


def test_years_below_one_thousand_keep_four_digits() -> None:
    assert format_instant(datetime(33, 4, 3, 12, tzinfo=UTC)) == "0033-04-03T12:00:00.000Z"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z"),
        ("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.500Z"),
        ("2026-01-01T00:00:00.123999Z", "2026-01-01T00:00:00.123Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z"),
        ("2026-01-01T00:00:00-05:30", "2026-01-01T05:30:00.000Z"),
        ("2026-01-01 00:00:00+00:00", "2026-01-01T00:00:00.000Z"),
    ],
)
def test_a_text_with_a_zone_names_its_instant_in_utc(text: str, instant: str) -> None:
    assert format_instant(parse_instant(text)) == instant


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not an ISO 8601 date and time"),
        ("yesterday", "not an ISO 8601 date and time"),
        ("2026-02-29T00:00:00Z", "not an ISO 8601 date and time"),
        ("2026-01-01T25:00:00Z", "not an ISO 8601 date and time"),
        ("1767225600", "not an ISO 8601 date and time"),
        ("2026-01-01", "a time zone is missing"),
        ("2026-01-01T00:00:00", "a time zone is missing"),
        ("0001-01-01T00:00:00+00:01", "outside the years 1 to 9999"),
        ("9999-12-31T23:59:59-00:01", "outside the years 1 to 9999"),
    ],
)
def test_a_text_that_names_no_instant_is_refused_in_plain_words(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        parse_instant(text)
    assert text == "" or text not in str(caught.value)


@given(st.text())
def test_any_text_is_an_instant_or_a_value_error(text: str) -> None:
    try:
        instant = parse_instant(text)
    except ValueError:
        return
    assert instant.tzinfo is UTC
