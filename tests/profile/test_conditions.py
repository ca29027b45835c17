"""Conditions: what holds for which fields, what is refused, and that none can hold a process, fill its memory or end it."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.profile.conditions.condition_rules import DEEPEST, LONGEST_CONDITION, MOST_STEPS, ConditionUnusable, steps_of, taken
from factbook.profile.conditions.evaluating import Decided, Failure, condition_fault, decided, fields_read
from factbook.profile.conditions.values import Amount
from factbook.profile.model import ProfileField
from factbook.profile.validation.value_types import ValueType
from tests.profile.stores import a_field

HOLDS, DOES_NOT = Decided(True), Decided(False)


def active(values: dict[str, Any], **types: ValueType) -> dict[str, ProfileField]:
    """Active fields of these values."""
    return {name: a_field(name, value, **({"value_type": types[name]} if name in types else {})) for name, value in values.items()}


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ("age >= 18", {"age": 18}),
        ("age >= 18", {"age": 18.5}),
        ('order_type == "international" && country in ["FR", "IT"]', {"order_type": "international", "country": "IT"}),
        ('born < "2000-01-01"', {"born": "1999-12-31"}),
        ('timestamp(at) < timestamp("2026-01-01T00:00:00+01:00")', {"at": "2025-12-31T22:59:59Z"}),
        ("vip", {"vip": True}),
        ("!vip", {"vip": False}),
        ('address.country == "IT" && size(address.lines) == 2', {"address": {"country": "IT", "lines": ["a", "b"]}}),
        ('"vip" in tags', {"tags": ["new", "vip"]}),
        ("orders.exists(o, o.total > 100)", {"orders": [{"total": 5}, {"total": 500}]}),
        ("orders.all(o, o.total > 1) && orders.exists_one(o, o.total == 5)", {"orders": [{"total": 5}, {"total": 500}]}),
        ("has(address.country)", {"address": {"country": None}}),
        ('name.startsWith("A") && name.matches("d[a-z]$")', {"name": "Ada"}),
        ('string(n) == "5" && int(text) == 5 && double(text) == 5.0', {"n": 5, "text": "5"}),
        ("vip ? n > 1 : n > 100", {"vip": True, "n": 2}),
        ("[age].exists(age, age == 3) && age == 3", {"age": 3}),
        ("package == 1 && type == 2 && duration == 3 && _x == 4", {"package": 1, "type": 2, "duration": 3, "_x": 4}),
        ("name == 'Zoë \U0001f9fe'", {"name": "Zoë \U0001f9fe"}),
        ("true", {}),
    ],
)
def test_a_condition_holds_for_what_it_says(condition: str, values: dict[str, Any]) -> None:
    assert condition_fault(condition) is None
    assert decided(condition, active(values)) == HOLDS


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ("age >= 18", {"age": 17}),
        ("age >= 18", {}),
        ("age < 18", {}),
        ("age != 18", {}),
        ("!vip", {}),
        ("type != 1", {}),
        ("has(address.country)", {}),
        ("has(address.country)", {"address": {}}),
        ('address.country != "IT"', {"address": {}}),
        ('lines[3] != "IT"', {"lines": []}),
        ("vip || age > 3", {"vip": False}),
        ("vip && age > 3", {"vip": True}),
    ],
)
def test_a_condition_that_reads_what_is_absent_does_not_hold_and_is_no_failure(condition: str, values: dict[str, Any]) -> None:
    assert decided(condition, active(values)) == DOES_NOT


def test_what_is_absent_is_absorbed_where_the_other_side_decides() -> None:
    for condition in ("vip || age > 3", "age > 3 || vip"):
        assert decided(condition, active({"vip": True})) == HOLDS
    for condition in ("!(vip && age > 3)", "!(age > 3 && vip)"):
        assert decided(condition, active({"vip": False})) == HOLDS


@pytest.mark.parametrize(
    ("condition", "values", "failure"),
    [
        ("age >= 18", {"age": "old"}, Failure.TYPE),
        ("name.size() > 3", {"name": 5}, Failure.FUNCTION),
        ('name.matches("a")', {"name": 5}, Failure.TYPE),
        ('name.matches("a") && true', {"name": 5}, Failure.TYPE),
        ("1 / n == 1", {"n": 0}, Failure.ARITHMETIC),
        ("n + n > 0", {"n": 2**62}, Failure.ARITHMETIC),
        ('timestamp(at) < timestamp("2026-01-01T00:00:00Z")', {"at": "soon"}, Failure.FUNCTION),
        ("int(text) == 5", {"text": "five"}, Failure.FUNCTION),
        ("name", {"name": "Ada"}, Failure.NO_BOOLEAN),
        ("n", {"n": 1}, Failure.NO_BOOLEAN),
        ("a == b", {"a": 10**30, "b": 10**30 + 1}, Failure.NUMBERS),
        ("l.exists(n, n == b)", {"l": [10**30], "b": 1e300}, Failure.NUMBERS),
        ("size(l) > 0", {"l": ["x" * 1000] * 1000}, Failure.TOO_MUCH),
        ("l.exists(n, n in l)", {"l": list(range(2000))}, Failure.TOO_MUCH),
        ("(a + a + a + a + a + a + a + a + a + a + a + a).size() > 0", {"a": "x" * 200_000}, Failure.TOO_MUCH),
        (r'l.exists(n, n.matches("\\pL{50}"))', {"l": ["xyz"] * 2000}, Failure.TOO_MUCH),
    ],
)
def test_a_condition_that_cannot_be_decided_does_not_hold_and_says_why(condition: str, values: dict[str, Any], failure: Failure) -> None:
    assert condition_fault(condition) is None
    assert decided(condition, active(values)) == Decided(False, failure)


def test_what_cannot_be_told_is_absorbed_like_what_is_absent() -> None:
    assert decided('name.matches("a") || vip', active({"name": 5, "vip": True})) == HOLDS
    assert decided("age > 3 || vip", active({"age": "old", "vip": True})) == HOLDS


@pytest.mark.parametrize(
    ("number", "other"),
    [(10**30, 10**30), (-(10**30), 0), (10**400, 7), (2**64, 2**63 - 1)],
    ids=["thirty digits", "below", "beyond doubles", "just beyond"],
)
def test_large_numbers_compare_with_every_number_that_can_be_written(number: int, other: int) -> None:
    fields = active({"n": number})
    assert decided("n > 9223372036854775807", fields).holds == (number > 0)
    assert decided("n < -9223372036854775807", fields).holds == (number < 0)
    assert decided("n == 9223372036854775807", fields) == DOES_NOT
    assert decided("n == other", active({"n": number, "other": other})) == Decided(number == other)


def test_whole_numbers_of_64_bits_are_exact() -> None:
    assert decided("n == 9223372036854775806", active({"n": 2**63 - 2})) == HOLDS
    assert decided("n == 9223372036854775806", active({"n": 2**63 - 1})) == DOES_NOT
    assert decided("n == 18446744073709551615u", active({"n": 2**64 - 1})) == HOLDS


def test_a_text_is_read_as_its_type_says() -> None:
    fields = active(
        {"age": "42", "vip": "Yes", "tags": '["a", 123456789012345678901234567890]', "price": "1e3"},
        age=ValueType.NUMBER,
        vip=ValueType.BOOLEAN,
        tags=ValueType.JSON,
        price=ValueType.NUMBER,
    )
    assert decided('age == 42 && vip && "a" in tags && price > 999', fields) == HOLDS
    unfit = active({"age": "old", "vip": "perhaps", "tags": "{", "n": "9" * 5000}, age=ValueType.NUMBER, vip=ValueType.BOOLEAN, tags=ValueType.JSON)
    assert decided('age == "old" && vip == "perhaps" && tags == "{" && size(n) == 5000', unfit) == HOLDS
    assert decided("n > 5", active({"n": "9" * 5000}, n=ValueType.NUMBER)) == HOLDS
    assert decided("text == 42", active({"text": "42"})) == DOES_NOT


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("", "syntax error at character 1"),
        ("age >=", "syntax error at character 7"),
        ("age => 18", "is no expression"),
        ("age = 18", "is no expression"),
        ("n == 9223372036854775808", "invalid int literal at character 6"),
        ("nonsense(age)", "no function is called `nonsense`"),
        ("Matches(age)", "no function is called `Matches`"),
        ("bytes(name) == name", "no function is called `bytes`"),
        ("optional.of(a).hasValue()", "no function is called `of`"),
        ("tags.map(t, t) == tags", "`map` is not offered"),
        ("tags.filter (t, true) == tags", "`filter` is not offered"),
        ("tags.exists(t, tags.all(u, u == t))", "a loop in a loop"),
        ("tags.exists(t, t == a) && tags.exists(t, (tags).exists(u, u == t))", "a loop in a loop"),
        ("name.matches(other)", "one pattern, written as a text"),
        ('matches(name, "a")', "one pattern, written as a text"),
        ("tags.exists()", "the number of arguments of `exists` is 2"),
        ("tags.all(t) && true", "the number of arguments of `all` is 2"),
        ("tags.exists_one(t, t == a, t == b)", "the number of arguments of `exists_one` is 2"),
        ('exists(tags, "a")', "`exists` is asked of a value"),
        ("name.size(1) == 1", "the number of arguments of `size` is 0"),
        ("size(name, [1, 2]) == 1", "the number of arguments of `size` is 1"),
        ("name.contains()", "the number of arguments of `contains` is 1"),
        ('contains(name, "a")', "`contains` is asked of a value"),
        ("age.int() == 1", "`int` is called by itself"),
        ("int() == age", "the number of arguments of `int` is 1"),
        ("address.has(country)", "`has` is called by itself"),
        ('timestamp(at).getHours("Europe/Berlin") == age', "the number of arguments of `getHours` is 0"),
        ("getFullYear(at) == 2026", "`getFullYear` is asked of a value"),
        ('name.matches("a" + "b")', "one pattern, written as a text"),
        ('name.matches("(")', "its pattern cannot be used"),
        ('name.matches("(?=a)")', "looks around"),
        ('name.matches("' + "a" * 501 + '")', "longer than 500"),
        ("Age > 18", "no field can be called `Age`"),
        ("a" * 51, "no field can be called"),
        ("a" * (LONGEST_CONDITION + 1), f"longer than {LONGEST_CONDITION} characters"),
        ("(" * (DEEPEST + 1) + "a" + ")" * (DEEPEST + 1), f"deeper than {DEEPEST} levels"),
        ("a?b:" * (DEEPEST + 1) + "c", f"deeper than {DEEPEST} levels"),
        ("a // b", "comments"),
        ("a == '''b'''", "triple quotes"),
        ("a == b'c'", "bytes"),
        ("google.Message{a: 1}", "messages"),
        ("a == '\x00'", "NUL"),
        ("a == '\ud800'", "surrogate"),
        ("a == 'b", "is no expression"),
        ("a @ b", "is no expression"),
        ("1 + 1", "neither true nor false"),
        ('"yes"', "neither true nor false"),
        ("1 / 0 == 1", "neither true nor false"),
    ],
)
def test_an_expression_that_is_not_taken_says_why(condition: str, told: str) -> None:
    fault = condition_fault(condition)
    assert fault is not None
    assert told in fault
    assert decided(condition, active({"age": 20})) == Decided(False, Failure.EXPRESSION)


def test_what_looks_like_a_call_in_a_text_is_a_text() -> None:
    for condition in ('a == "l.map(x, x)"', "a == 'l.map(x, x)'", r"a == 'it\'s l.map(x, x)'", r"a == r'\' && b == 'l.map(x, x)'"):
        assert condition_fault(condition) is None
    assert condition_fault(r"a == r'\' + l.map(x, x) + '\'") is not None


def test_the_fields_that_a_condition_reads_are_known_before() -> None:
    assert fields_read('a > 1 && b.c.d == "e" && [f].exists(g, g == h) && has(i.j) && size(k) > int("1")') == set("abfhik")
    assert fields_read("not CEL") == set()


def test_an_unreachable_field_is_never_shown() -> None:
    sealed = a_field("secret", None)  # as it is read where nobody asked for it in clear
    assert decided("age > 3", active({"age": 5}) | {"secret": sealed}) == HOLDS


@given(st.text(alphabet=st.sampled_from("ab1.0\"'\\()[]{}?:!-+*/%<>=&|, \n\trinumps#é"), max_size=60))
def test_any_text_is_taken_or_told_and_decided_without_a_failure_of_ours(text: str) -> None:
    fault, answer = condition_fault(text), decided(text, active({"a": 1, "b": [1], "i": "x"}))
    assert (fault is None) == (answer.failure is not Failure.EXPRESSION)


@pytest.mark.parametrize(
    "condition",
    [
        "l.exists(x, x in l)",
        "l.exists(x, l == l)",
        "(l + l + l + l) == l",
        "l.exists(x, x > 1) && l.all(x, x > 1)",
        "l.exists(x, (l + l).size() > x)",
    ],
)
def test_the_reckoned_steps_grow_at_least_as_fast_as_the_work(condition: str) -> None:
    shape = taken(condition).shape
    small, large = (steps_of(shape, Amount(joinable=64 * members, members=members)) for members in (100, 1000))
    loops_over_itself = shape.reads_in_loops not in (None, 0)
    assert large > small * (50 if loops_over_itself else 5)
    assert steps_of(shape, Amount(joinable=64 * 100_000, members=100_000)) > MOST_STEPS


def test_the_deepest_condition_fits_on_a_thread_with_a_small_stack() -> None:
    """In a process of its own: a parser that runs out of stack ends its process."""
    script = f"""
import threading
from factbook.profile.conditions.evaluating import condition_fault, decided
told = []
def deepest():
    for opening, inner, closing in (("(", "a", ")"), ("[", "a", "]"), ("int(", "1", ")"), ("a?b:", "c", "")):
        told.append(condition_fault(opening * {DEEPEST} + inner + closing * {DEEPEST} + " == d"))
    for chain in ("!" * 900 + "a", "a||" * 300 + "a", "a" + ".b" * 400 + " == 1", "a" + "[0]" * 300, "-" * 900 + "1 == a"):
        told.append(condition_fault(chain))
        decided(chain, {{}})
threading.stack_size(512 * 1024)
thread = threading.Thread(target=deepest)
thread.start()
thread.join()
print(told)
"""
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stdout.strip()) == (0, str([None] * 9)), finished.stderr


def test_a_refusal_repeats_no_text_of_the_condition() -> None:
    with pytest.raises(ConditionUnusable) as refused:
        taken('name == "canary" @')
    assert "canary" not in str(refused.value)
    assert "canary" not in (condition_fault('name == "canary') or "")
    assert "canary" not in (condition_fault('"canary" "canary"') or "")
