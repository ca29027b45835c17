"""Numbers, telephone numbers, addresses, choices, yes and no: what their forms are, and what only looks like them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.language.reading.assent import answer_of, without_undecided
from factbook.language.reading.choices import choices
from factbook.language.reading.emails import emails
from factbook.language.reading.numbers import numbers
from factbook.language.reading.phones import phones
from factbook.language.reading.words import sentences, stands_in, tokens

ANY_TEXT = st.text(max_size=60)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("2 people", ["2"]),
        ("1,200.50 euros", ["1200.50"]),
        ("-3 degrees", ["-3"]),
        ("twenty-five and twenty five", ["25", "25"]),
        ("two three", ["2", "3"]),
        ("a hundred", ["100"]),
        ("one hundred and five", ["105"]),
        ("two thousand three hundred and ten", ["2310"]),
        ("a 2-bedroom flat for $500, 5k", ["2", "500", "5"]),
        ("ten or eleven", ["10", "11"]),
    ],
)
def test_numbers(text: str, values: list[str]) -> None:
    assert [number.value for number in numbers(text)] == [Decimal(value) for value in values]


@pytest.mark.parametrize("text", ["", "A12", "12b", "3rd", "5pm", "12:30", "1.2.3", "3/4", "#7", "a@1.de", "and", "9" * 16])
def test_what_is_no_number(text: str) -> None:
    assert numbers(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("call +49 30 901820 now", [("+49 30 901820", True)]),
        ("(415) 502-8336.", [("(415) 502-8336", True)]),
        ("0176/1234567", [("0176 1234567", True)]),
        ("it is 5551234567", [("5551234567", False)]),
        ("+1 202 555 0143, +44 7700 900123", [("+1 202 555 0143", True), ("+44 7700 900123", True)]),
    ],
)
def test_telephone_numbers(text: str, found: list[tuple[str, bool]]) -> None:
    assert [(phone.value, phone.is_surely_one) for phone in phones(text)] == found


@pytest.mark.parametrize(
    "text", ["", "2019-03-05", "31.12.1990", "123456", "1234567890123456", "+999 12345678901", "v1.234.567.890x", "a@1234567.de", "12:30:45.123456"]
)
def test_what_is_no_telephone_number(text: str) -> None:
    assert phones(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mail ada@example.org, or <b.c+d@mail.example.co.uk>.", ["ada@example.org", "b.c+d@mail.example.co.uk"]),
        ("ADA@Example.org!", ["ADA@Example.org"]),
        ("'ada@example.org'", ["ada@example.org"]),
        ("ada@example.org.", ["ada@example.org"]),
        ("ü@bücher.example.org", ["ü@bücher.example.org"]),
    ],
)
def test_addresses(text: str, found: list[str]) -> None:
    assert [email.value for email in emails(text)] == found


@pytest.mark.parametrize(
    "text", ["", "@", "a@", "@b.org", "ada@localhost", "a b@c", "a@b..org", "a@\u202eb.org", "x" * 70 + "@" + "y" * 300 + ".org", "a@b@c"]
)
def test_what_is_no_address(text: str) -> None:
    assert emails(text) == []


FLIGHTS = ("Economy", "Premium Economy", "Business", "First Class")


@pytest.mark.parametrize(
    ("text", "allowed", "found"),
    [
        ("premium economy or first class", FLIGHTS, [("Premium Economy", True), ("First Class", True)]),
        ("two", ("1", "2", "3"), [("2", True)]),
        ("ultra-high end", ("ultra high-end", "cheap"), [("ultra high-end", True)]),
        ("Sports", ("sport", "music"), [("sport", True)]),
        ("with Delta", ("Delta Airlines", "United Airlines"), [("Delta Airlines", False)]),
        ("to Canada", ("Air Canada", "Air France"), []),
        ("first. Class", FLIGHTS, []),
        ("businesslike", FLIGHTS, []),
        ("anything", (), []),
    ],
)
def test_choices(text: str, allowed: tuple[str, ...], found: list[tuple[str, bool]]) -> None:
    assert [(choice.value, choice.is_full) for choice in choices(text, allowed)] == found


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        *((text, True) for text in ("yes", "Yeah, sure", "ok", "That works for me", "sounds good", "Perfect, thanks")),
        *((text, False) for text in ("no", "Nope.", "I don't", "not really", "never", "without")),
        *((text, None) for text in ("", "maybe", "tomorrow", "What is it?")),
    ],
)
def test_yes_and_no(text: str, answer: bool | None) -> None:
    assert answer_of(text) is answer


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("I don't care", "I -"),
        ("any", "-"),
        ("Rome, whatever", "Rome, -"),
        ("it doesn't matter, but Rome", "it -, but Rome"),
        ("Rome", "Rome"),
        ("anybody", "anybody"),
    ],
)
def test_what_is_undecided_is_taken_out(text: str, left: str) -> None:
    assert without_undecided(text) == left


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It costs 3.50 today. Fine", ["It costs 3.50 today.", "Fine"]),
        ("Dr. Brown is in.", ["Dr. Brown is in."]),
        ("One\nTwo", ["One", "Two"]),
        ("", []),
    ],
)
def test_sentences(text: str, cut: list[str]) -> None:
    read = tokens(text)
    assert [text[read[start].start : read[end - 1].end] for start, end in sentences(text, read)] == cut


@given(ANY_TEXT)
def test_every_part_of_a_text_is_read_once(text: str) -> None:
    read = tokens(text)
    assert [token.text for token in read] == [text[token.start : token.end] for token in read]
    ranges = sentences(text, read)
    assert [index for start, end in ranges for index in range(start, end)] == list(range(len(read)))


@given(ANY_TEXT, ANY_TEXT)
def test_whatever_stands_in_a_text_is_in_it(value: str, text: str) -> None:
    if stands_in(value, text):
        assert "".join(value.casefold().split()) in "".join(text.casefold().replace("\u2019", "'").split()) or "\u2019" in value
