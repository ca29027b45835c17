"""What is wrong with a value: by type, by expression, by allowed values, all of it told in that order."""

import json
import re
from math import isfinite
from typing import Any

import pytest
from email_validator import validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from factbook.profile.validation.expressions import LONGEST_EXPRESSION, expression_fault, matches_whole
from factbook.profile.validation.validation_rules import ErrorType, Fault, faults_of
from factbook.profile.validation.value_types import _PLAIN_EMAIL, Fit, ValueType, fit, inferred_type, text_of

TYPE, FORMAT = ErrorType.TYPE_ERROR, ErrorType.FORMAT_ERROR
LONE_SURROGATE = "\ud800"

FITTING: dict[ValueType, list[Any]] = {
    ValueType.STRING: ["", "a", " ", "42", "é", "\n"],
    ValueType.EMAIL: ["ada@example.org", "a.b+c@mail.example.co.uk", "ü@bücher.example.org"],
    ValueType.PHONE: ["+44 7700 900123", "0041 (44) 668-18-00", "1234567", "123456789012345", "+1.202.555.0143"],
    ValueType.DATE: [
        *("2026-01-31", "2024-02-29", "0001-01-01", "2026-01-31T09:30", "2026-01-31T09:30:15", "2026-01-31T09:30:15.123"),
        *("2026-01-31T09:30:15Z", "2026-01-31T09:30:15.123456789+02:00", "2026-01-31T23:59:59-05", "2026-01-31T00:00Z"),
    ],
    ValueType.NUMBER: [0, -1, 10**30, 1.5, -0.0, "0", "-1", "+1", "007", "1.50", "1e9", "1.5E-3"],
    ValueType.BOOLEAN: [True, False, "true", "False", "YES", "no", "1", "0"],
    ValueType.JSON: [{}, [], {"a": [1]}, "{}", " [1, 2] ", "null", '"a"', "1.5", "9" * 5000],
}
WRONG_KIND: dict[ValueType, list[Any]] = {
    ValueType.STRING: [None, 1, True, [], {}],
    ValueType.EMAIL: [None, 1, ["ada@example.org"]],
    ValueType.PHONE: [None, 447700900123, {}],
    ValueType.DATE: [None, 20260131, []],
    ValueType.NUMBER: [None, True, False, [1], {}],
    ValueType.BOOLEAN: [None, 1, 0, 1.0, []],
    ValueType.JSON: [None, 1, 1.5, True],
}
WRONG_FORM: dict[ValueType, list[Any]] = {
    ValueType.EMAIL: [
        "",
        "ada",
        "ada@",
        "@example.org",
        "ada@localhost",
        "a b@example.org",
        " ada@example.org",
        "x" * 250 + "@example.org",
        LONE_SURROGATE,
    ],
    ValueType.PHONE: ["", "123456", "1234567890123456", "+44+7700900123", "7700+900123", "07700 900123 ext 4", "\u0661234567", "1234567\n"],
    ValueType.DATE: [
        *("", "20260131", "2026-W05-6", "2026-031", "2026-02-30", "2025-02-29", "2026-1-31", "31.01.2026", " 2026-01-31", "2026-01-31 "),
        *("2026-01-31 09:30:00", "2026-01-31T", "2026-01-31T09", "2026-01-31T24:00", "2026-01-31T09:60", "2026-01-31T09:30:60", "2026-01-31T093000"),
        *(
            "2026-01-31T09:30:15,5",
            "2026-01-31T09:30:15.",
            "2026-01-31T09:30:15z",
            "2026-01-31T09:30+25:00",
            "0000-01-01",
            "\u0662026-01-31",
            "2026-01-31\n",
        ),
    ],
    ValueType.NUMBER: [
        *("", "nan", "NaN", "inf", "-Infinity", "1_000", " 1", "1 ", "1,5", "0x10", "1.", ".5", "1e", "--1", "1\n", "\u0661"),
        *(float("nan"), float("inf"), float("-inf")),
    ],
    ValueType.BOOLEAN: ["", "y", "on", " true", "true ", "2", "t", "ja"],
    ValueType.JSON: ["", "{", "{'a': 1}", "NaN", "[Infinity]", "undefined", "[1,]", "1 2", "[" * 100_000],
}
KINDS = [*((t, v, []) for t, vs in FITTING.items() for v in vs), *((t, v, [TYPE]) for t, vs in WRONG_KIND.items() for v in vs)]
FORMS = [(t, v, [FORMAT]) for t, vs in WRONG_FORM.items() for v in vs]


def faults(value: Any, value_type: ValueType = ValueType.STRING, expression: str | None = None, allowed: list[str] | None = None) -> list[Fault]:
    return faults_of(value, field_name="field", value_type=value_type, expression=expression, allowed_values=allowed)


def kinds(value: Any, value_type: ValueType = ValueType.STRING, expression: str | None = None, allowed: list[str] | None = None) -> list[ErrorType]:
    return [fault.error_type for fault in faults(value, value_type, expression, allowed)]


@pytest.mark.parametrize(("value_type", "value", "told"), KINDS + FORMS, ids=lambda given: ascii(given)[:40])
def test_a_value_fits_its_type_or_is_of_the_wrong_kind_or_in_the_wrong_form(value_type: ValueType, value: Any, told: list[ErrorType]) -> None:
    assert kinds(value, value_type) == told


def test_every_type_has_values_that_fit_and_values_that_do_not() -> None:
    assert set(FITTING) == set(WRONG_KIND) == set(ValueType)
    assert set(WRONG_FORM) == set(ValueType) - {ValueType.STRING}


@pytest.mark.parametrize(
    ("value", "inferred"),
    [
        ("42", ValueType.STRING),
        ("true", ValueType.STRING),
        (True, ValueType.BOOLEAN),
        (1, ValueType.NUMBER),
        (1.5, ValueType.NUMBER),
        ({}, ValueType.JSON),
        ([], ValueType.JSON),
        (None, ValueType.JSON),
    ],
)
def test_a_value_without_a_type_has_the_one_that_json_shows(value: Any, inferred: ValueType) -> None:
    assert inferred_type(value) is inferred


@pytest.mark.parametrize(
    ("value", "expression", "told"),
    [
        ("abc", "abc", []),
        ("abcd", "abc", [ErrorType.REGEX_ERROR]),
        ("xabc", "abc", [ErrorType.REGEX_ERROR]),
        ("b", "a|b", []),
        ("ab", "a|b", [ErrorType.REGEX_ERROR]),
        ("abc\n", "abc$", [ErrorType.REGEX_ERROR]),
        ("", "", []),
        ("é", ".", []),
        (LONE_SURROGATE, ".*", [ErrorType.REGEX_ERROR]),
    ],
)
def test_an_expression_matches_the_whole_text(value: str, expression: str, told: list[ErrorType]) -> None:
    assert kinds(value, expression=expression) == told


@pytest.mark.parametrize(
    ("value", "value_type", "text"),
    [(42, ValueType.NUMBER, "42"), (1.0, ValueType.NUMBER, "1.0"), (True, ValueType.BOOLEAN, "true"), (False, ValueType.BOOLEAN, "false")],
)
def test_expressions_and_allowed_values_look_at_the_json_text_of_numbers_and_booleans(value: Any, value_type: ValueType, text: str) -> None:
    assert kinds(value, value_type, re.escape(text), [text]) == []
    assert kinds(value, value_type, "x", ["x"]) == [ErrorType.REGEX_ERROR, ErrorType.ALLOWED_VALUES_ERROR]


@pytest.mark.parametrize("value", [{}, [], {"a": 1}])
def test_an_object_or_array_has_no_text_to_match(value: Any) -> None:
    (fault,) = faults(value, ValueType.JSON, ".*")
    assert fault.error_type is ErrorType.REGEX_ERROR
    assert "needs a text" in fault.message
    assert kinds(value, ValueType.JSON, allowed=["{}", "[]"]) == [ErrorType.ALLOWED_VALUES_ERROR]


def test_allowed_values_are_compared_as_they_stand() -> None:
    assert kinds("gold", allowed=["gold", "silver"]) == []
    assert kinds("Gold", allowed=["gold", "silver"]) == [ErrorType.ALLOWED_VALUES_ERROR]
    assert kinds("gold", allowed=[]) == [ErrorType.ALLOWED_VALUES_ERROR]


def test_everything_that_is_wrong_is_told_in_order() -> None:
    assert kinds(1, ValueType.EMAIL, "a", ["a"]) == [TYPE, ErrorType.REGEX_ERROR, ErrorType.ALLOWED_VALUES_ERROR]
    assert kinds("x", ValueType.EMAIL, "(", ["a"]) == [FORMAT, ErrorType.CONFIG_ERROR, ErrorType.ALLOWED_VALUES_ERROR]


def test_no_message_repeats_the_value() -> None:
    value = "a-very-private-value"
    found = [fault for value_type in ValueType for fault in faults(value, value_type, "[0-9]", ["gold"])]
    assert {fault.field_name for fault in found} == {"field"}
    assert [fault for fault in found if value in fault.message] == []


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("(", "not a regular expression"),
        ("a**", "not a regular expression"),
        ("a{1001}", "not a regular expression"),
        (r"\p{L}{1000}", "too large"),
        (LONE_SURROGATE, "lone surrogate"),
        ("a" * (LONGEST_EXPRESSION + 1), "longer than 500 characters"),
        (r"(a)\1", "refers back"),
        (r"(?P<n>a)\k<n>", "refers back"),
        ("(?=a)a", "looks around"),
        ("(?!a)b", "looks around"),
        ("(?<=a)b", "looks around"),
        ("(?<!a)b", "looks around"),
    ],
)
def test_an_expression_that_cannot_be_used_is_told_why(expression: str, reason: str) -> None:
    assert reason in (expression_fault(expression) or "")
    (fault,) = faults("a", expression=expression)
    assert fault.error_type is ErrorType.CONFIG_ERROR
    assert reason in fault.message


@pytest.mark.parametrize(
    "expression", ["", "a" * LONGEST_EXPRESSION, "(a+)+$", r"[\p{L}\p{M}' -]{1,100}", r"(?P<year>\d{4})-\d\d", "(?i)yes|no", r"\C", "a\x00b"]
)
def test_an_expression_that_can_be_used_is_not_refused(expression: str) -> None:
    assert expression_fault(expression) is None


@pytest.mark.timeout(30)
@pytest.mark.parametrize("expression", ["(a+)+$", "(a|aa)+", "(a*)*b", "([a-z]+)*[0-9]", "(.*)*x"])
def test_a_hostile_pair_of_expression_and_value_ends(expression: str) -> None:
    """With a matcher that goes back and tries again it would not, in anybody's lifetime: its steps double with each letter."""
    assert not matches_whole(expression, "a" * 100_000 + "!")


@pytest.mark.timeout(30)
def test_an_expression_of_too_many_steps_on_a_long_text_is_told_so() -> None:
    expression = ".*a.{1000}"
    assert kinds("a" * 1001, expression=expression) == []
    (fault,) = faults("a" * 1_000_000, expression=expression)
    assert fault.error_type is ErrorType.CONFIG_ERROR
    assert "too many steps" in fault.message


LETTERS = st.text("abc", max_size=8)
# Repetition of a repetition is left out: Python's own matcher would not come back from some of them.
ATOMS = st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", "(?:ab|c)"])
PARTS = st.builds("".join, st.tuples(ATOMS, st.sampled_from(["", "?", "*", "+", "{2}", "{1,3}"])))
EXPRESSIONS = st.lists(st.lists(PARTS, max_size=4).map("".join), min_size=1, max_size=3).map("|".join)


@given(EXPRESSIONS, LETTERS)
def test_a_whole_match_is_what_python_calls_one(expression: str, text: str) -> None:
    assert matches_whole(expression, text) == (re.fullmatch(expression, text) is not None)


IN_ORDER = [TYPE, FORMAT, ErrorType.REGEX_ERROR, ErrorType.CONFIG_ERROR, ErrorType.ALLOWED_VALUES_ERROR]
ANY_TEXT = st.text(st.characters(exclude_categories=()))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=5,
)


@given(JSON_VALUES, st.sampled_from(ValueType), ANY_TEXT | EXPRESSIONS | st.none(), st.lists(ANY_TEXT, max_size=2) | st.none())
def test_no_value_and_no_expression_breaks_the_check(value: Any, value_type: ValueType, expression: str | None, allowed: list[str] | None) -> None:
    before = json.dumps(value)
    found = kinds(value, value_type, expression, allowed)
    assert found == sorted(set(found), key=IN_ORDER.index)
    assert json.dumps(value) == before


@given(JSON_VALUES)
def test_a_value_fits_the_type_inferred_for_it_unless_it_is_no_value(value: Any) -> None:
    assert kinds(value, inferred_type(value)) == [] or value is None or (isinstance(value, float) and not isfinite(value))


def test_an_integer_too_long_to_be_written_has_no_text() -> None:
    assert text_of(10**5000) is None


@settings(max_examples=300)
@given(st.from_regex(_PLAIN_EMAIL, fullmatch=True))
def test_every_address_that_is_taken_as_plain_is_one_for_the_library_too(address: str) -> None:
    accepted = fit(address, ValueType.EMAIL) is Fit.FITS
    try:
        validate_email(address, check_deliverability=False)
    except ValueError:
        assert not accepted
    else:
        assert accepted
