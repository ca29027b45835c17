"""Times of day in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.language.reading.times import times


def read(text: str) -> list[tuple[str, str]]:
    return [(text[time.start : time.end], f"{time.minutes // 60:02}:{time.minutes % 60:02}") for time in times(text)]


@pytest.mark.parametrize(
    ("text", "words", "clock"),
    [
        ("at 11:30 am", "11:30 am", "11:30"),
        ("12 am", "12 am", "00:00"),
        ("12 pm", "12 pm", "12:00"),
        ("5pm", "5pm", "17:00"),
        ("5 p.m. sharp", "5 p.m.", "17:00"),
        ("18:30", "18:30", "18:30"),
        ("half past 11 in the morning", "half past 11 in the morning", "11:30"),
        ("a quarter to five in the evening", "quarter to five in the evening", "16:45"),
        ("evening 4:15", "evening 4:15", "16:15"),
        ("afternoon 3", "afternoon 3", "15:00"),
        ("two pm", "two pm", "14:00"),
        ("seven thirty in the evening", "seven thirty in the evening", "19:30"),
        ("12 o'clock in the afternoon", "12 o'clock in the afternoon", "12:00"),
        ("7 at night", "7 at night", "19:00"),
        ("at noon", "noon", "12:00"),
        ("midnight", "midnight", "00:00"),
    ],
)
def test_a_time(text: str, words: str, clock: str) -> None:
    assert read(text) == [(words, clock)]


@pytest.mark.parametrize(
    "text", ["", "5", "at 7", "for 2 people", "$5", "25:00", "12:60", "1.2.3", "5 people", "3:4", "2019-03-05", "this afternoon", "A5 pm x"[:2]]
)
def test_what_is_no_time(text: str) -> None:
    assert read(text) == []


def test_a_time_without_its_half_of_the_day_may_be_either() -> None:
    (bare,), (morning,), (evening,), (half_past,) = times("5:30"), times("5:30 am"), times("17:30"), times("half past six")
    assert bare.same_as(morning)
    assert bare.same_as(evening)
    assert not morning.same_as(evening)
    assert not bare.same_as(half_past)


PIECES = st.sampled_from(
    ["half", "quarter", "past", "to", "5", "12", ":", "30", "am", "p", ".", "m", "in", "the", "evening", "noon", "o'clock", "at", "two"]
)


@given(st.lists(PIECES, max_size=10).map(" ".join))
def test_every_time_is_one_of_the_day(text: str) -> None:
    for time in times(text):
        assert 0 <= time.minutes < 24 * 60
        assert 0 <= time.start < time.end <= len(text)
