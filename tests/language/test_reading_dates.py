"""Days in a text, and what they mean on a Friday, the first of March 2019."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.language.reading.dates import Day, dates
from tests.language.asked import SAID_AT

NEVER = "no reading"


def days(text: str, said_at: datetime | None = SAID_AT) -> list[tuple[str, str, str]]:
    """The words of each day with its two readings."""
    return [(text[day.start : day.end], _written(day.future), _written(day.past)) for day in dates(text, said_at)]


def _written(day: date | None) -> str:
    return day.isoformat() if day else NEVER


@pytest.mark.parametrize(
    ("text", "words", "day"),
    [
        ("on 2019-03-05", "2019-03-05", "2019-03-05"),
        ("am 31.12.1990 geboren", "31.12.1990", "1990-12-31"),
        ("on 31/12/1990.", "31/12/1990", "1990-12-31"),
        ("on 12/31/1990", "12/31/1990", "1990-12-31"),
        ("on 03/03/2019", "03/03/2019", "2019-03-03"),
        ("March 3rd, 2020 at 5 pm", "March 3rd, 2020", "2020-03-03"),
        ("the 3rd of May 1984", "the 3rd of May 1984", "1984-05-03"),
        ("3 May 1984", "3 May 1984", "1984-05-03"),
        ("today", "today", "2019-03-01"),
        ("tomorrow at noon", "tomorrow", "2019-03-02"),
        ("yesterday", "yesterday", "2019-02-28"),
        ("the day after tomorrow", "the day after tomorrow", "2019-03-03"),
        ("next Monday", "next Monday", "2019-03-04"),
        ("next Friday", "next Friday", "2019-03-08"),
        ("next Sunday", "next Sunday", "2019-03-10"),
        ("Wednesday next week", "Wednesday next week", "2019-03-06"),
        ("last Tuesday", "last Tuesday", "2019-02-26"),
        ("the 8th of this month", "the 8th of this month", "2019-03-08"),
        ("2nd of next month", "2nd of next month", "2019-04-02"),
        ("in three days", "in three days", "2019-03-04"),
        ("a week from today", "a week from today", "2019-03-08"),
    ],
)
def test_a_day_that_has_one_meaning(text: str, words: str, day: str) -> None:
    assert days(text) == [(words, day, day)]


@pytest.mark.parametrize(
    ("text", "words", "future", "past"),
    [
        ("March 3rd", "March 3rd", "2019-03-03", "2018-03-03"),
        ("on the 14th of February", "the 14th of February", "2020-02-14", "2019-02-14"),
        ("29 February", "29 February", "2020-02-29", "2016-02-29"),
        ("on the 5th", "the 5th", "2019-03-05", "2019-02-05"),
        ("the 1st, please", "the 1st", "2019-03-01", "2019-03-01"),
        ("the 31st", "the 31st", "2019-03-31", "2019-01-31"),
        ("on Friday", "Friday", "2019-03-08", "2019-02-22"),
        ("this Sunday", "this Sunday", "2019-03-03", "2019-02-24"),
    ],
)
def test_a_day_without_its_year_month_or_week_is_the_next_or_the_last(text: str, words: str, future: str, past: str) -> None:
    assert days(text) == [(words, future, past)]


@pytest.mark.parametrize("text", ["03/04/2019", "4/3/2019"])
def test_figures_of_which_either_may_be_the_month_have_no_reading(text: str) -> None:
    assert days(text) == [(text, NEVER, NEVER)]


@pytest.mark.parametrize("text", ["next Friday", "tomorrow", "the 5th", "March 3rd", "in three days", "the 8th of this month"])
def test_without_the_day_it_was_said_only_the_words_are_known(text: str) -> None:
    assert days(text, None) == [(text, NEVER, NEVER)]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "the 1st one",
            "the 2nd floor",
            "the third",
            "a second",
            "32 March",
            "31 June 2019",
            "2019-13-01",
            "2019-02-30",
            "1.2.3.4",
            "408-247-8880",
        ),
        *(
            "I may 3 times",
            "he may come",
            "we march 20 miles",
            "sat down",
            "the sun",
            "we wed",
            "3 of 5",
            "version 1.2.2019b",
            "may",
            "March",
            "12:30",
            "5th",
        ),
    ],
)
def test_what_is_no_day(text: str) -> None:
    assert days(text) == []


def test_the_day_it_was_said_is_the_one_of_its_own_clock() -> None:
    late = datetime.fromisoformat("2019-03-01T23:30:00-08:00")
    assert days("today", late) == [("today", "2019-03-01", "2019-03-01")]
    assert days("today", late.astimezone(UTC)) == [("today", "2019-03-02", "2019-03-02")]


@pytest.mark.parametrize("said_at", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)], ids=["first", "last"])
def test_the_ends_of_the_calendar_break_nothing(said_at: datetime) -> None:
    for text in (
        "tomorrow",
        "yesterday",
        "next Friday",
        "last Friday",
        "the 31st",
        "March 3rd",
        "29 February",
        "in 999 days",
        "the 5th of next month",
    ):
        assert len(dates(text, said_at)) == 1


WORDS = ["the", "3rd", "of", "March", "next", "Friday", "last", "week", "2019", "-", "/", ".", ",", "31", "12", "in", "days", "two", "from", "today"]
PIECES = st.sampled_from([*WORDS, "may", "sat", "1st", "tomorrow", "day", "after", " "])


@given(st.lists(PIECES, max_size=12).map(" ".join), st.datetimes(timezones=st.just(UTC)))
def test_days_stand_apart_in_the_text_and_a_future_one_is_never_before_a_past_one(text: str, said_at: datetime) -> None:
    found: list[Day] = dates(text, said_at)
    for day, following in pairwise(found):
        assert day.end <= following.start
    for day in found:
        assert 0 <= day.start < day.end <= len(text)
        assert day.future is None or day.past is None or day.past <= day.future
