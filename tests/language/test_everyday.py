"""Everyday conversations of a clinic, a bank, a shop and home repair: all that is taken is right, and no less is found than was."""

import pytest

from factbook.language import WantedField
from tests.language.asked import found, sure
from tests.language.everyday import conversations, figures


@pytest.mark.parametrize(("held_out", "recall"), [(False, 0.95), (True, 0.84)], ids=["made_by", "held_out"])
def test_all_that_is_taken_from_everyday_conversations_is_right_and_most_of_what_is_stated_is_taken(held_out: bool, recall: float) -> None:
    counted = figures(conversations(held_out))
    assert counted.wrong == ()
    assert counted.recall >= recall, counted.missed


ORDER, BIRTH = WantedField("order_number"), WantedField("date_of_birth")


def test_a_field_known_by_name_alone_has_the_type_that_its_name_says() -> None:
    values = found([ORDER, BIRTH], "A: What is your order number?", "It is A-10442. I was born on 3 March 1990.")
    assert {name: (value.value, value.confidence) for name, value in values.items()} == {
        "order_number": ("A-10442", 0.95),
        "date_of_birth": ("1990-03-03", 0.95),
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("My order is A-10442", "A-10442"),
        ("Order no. A-10442", "A-10442"),
        ("where is order A-10442?", "A-10442"),
        ("I ordered it in 2018", None),
        ("I paid $4000 for the order", None),
        ("the order of 3 March 1990", None),
    ],
)
def test_a_code_stands_beside_its_name_and_is_no_day_year_or_sum(text: str, value: str | None) -> None:
    assert sure([ORDER], text) == ({} if value is None else {"order_number": value})


@pytest.mark.parametrize("text", ["DOB 03/04/1990", "born in 1990", "my son was born on 3 March 1990", "I ordered it on 3 March 1990"])
def test_a_birth_that_is_ambiguous_half_said_or_another_s_is_not_taken(text: str) -> None:
    assert sure([BIRTH], text) == {}


REASON = WantedField("reason")


def test_a_reason_is_what_follows_because_and_surer_where_it_was_asked_for() -> None:
    because = "because it arrived broken"
    asked = found([REASON], "A: Why do you return it?", because)["reason"]
    unasked = found([REASON], f"I want my money back {because}")["reason"]
    aside = found([REASON], f"It rains {because}")["reason"]
    assert {each.value for each in (asked, unasked, aside)} == {"it arrived broken"}
    assert (asked.confidence, unasked.confidence, aside.confidence) == (0.9, 0.86, 0.7)


def test_words_of_a_hint_name_an_allowed_value_only_where_it_was_asked_for() -> None:
    wanted = WantedField("compensation", allowed_values=("refund", "replacement"), hint="refund (money back) or replacement (a new one)")
    assert sure([wanted], "A: Refund or replacement?", "I'd like my money back") == {"compensation": "refund"}
    assert sure([wanted], "She gave me my money back") == {}


def test_where_somebody_was_born_is_not_where_they_live() -> None:
    assert sure([WantedField("city")], "I was born in Lyon") == {}
