"""Canonical bytes against the tables of RFC 8785, and the fast line against the general form."""

import hashlib
import json
import math
import struct
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.kernel.canonical import canonical_json, canonical_line, sha256_hex

LARGEST_EXACT = 2**53 - 1

# RFC 8785, appendix B: the IEEE 754 double as sixteen hexadecimal digits, and its text.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


class Colour(StrEnum):
    RED = "red"


def double(hexadecimal: str) -> float:
    value: float = struct.unpack(">d", bytes.fromhex(hexadecimal))[0]
    return value


@pytest.mark.parametrize(("hexadecimal", "text"), NUMBERS.items())
def test_a_number_is_written_as_appendix_b_says(hexadecimal: str, text: str) -> None:
    assert canonical_json(double(hexadecimal)) == text.encode()


@pytest.mark.parametrize("hexadecimal", ["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])
def test_nan_and_the_infinities_of_appendix_b_are_refused(hexadecimal: str) -> None:
    with pytest.raises(ValueError, match="NaN and infinities have no form in JSON"):
        canonical_json([double(hexadecimal)])


def test_keys_are_ordered_by_their_utf16_units_as_in_section_3_2_3() -> None:
    by_key = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(canonical_json(by_key))) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_literals_numbers_and_escapes_come_out_as_in_section_3_2_2() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical_json(value) == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_control_characters_have_the_short_escapes_that_json_knows_and_lower_case_digits_else() -> None:
    expected = r'"\u0000\u0007\b\t\n\u000b\f\r\u001b\u001f' + '\u007f\u0080\u2028\ufeff"'
    assert canonical_json("\0\a\b\t\n\v\f\r\x1b\x1f\x7f\x80\u2028\ufeff") == expected.encode()


def test_strings_are_not_unicode_normalized() -> None:
    assert canonical_json("e\u0301") != canonical_json("\u00e9")


@pytest.mark.parametrize("integer", [0, 1, -1, LARGEST_EXACT, -LARGEST_EXACT])
def test_integers_stay_exact_up_to_the_edge_on_both_paths(integer: int) -> None:
    assert canonical_json(integer) == str(integer).encode()
    assert canonical_line({"n": integer}) == b'{"n":' + str(integer).encode() + b"}\n"


def wrapped(depth: int) -> Any:
    value: Any = None
    for _ in range(depth):
        value = [value]
    return value


REFUSED = {
    "a big integer": ({"n": LARGEST_EXACT + 1}, r"an integer lies beyond \+-\(2\*\*53 - 1\)"),
    "a big negative integer": ({"n": -LARGEST_EXACT - 1}, "an integer lies beyond"),
    "an integer beyond 64 bits": ({"n": 10**40}, "an integer lies beyond"),
    "NaN": ({"n": math.nan}, "NaN and infinities"),
    "infinity": ({"n": -math.inf}, "NaN and infinities"),
    "a lone surrogate": ({"n": "a\ud800"}, "a string holds a lone surrogate"),
    "a lone surrogate in a key": ({"\udfff": 1, "a": 2}, "a string holds a lone surrogate"),
    "a key that is a number": ({1: "a"}, "a key of an object is not a string"),
    "a key that is bytes": ({b"a": "a"}, "a key of an object is not a string"),
    "keys of two types": ({"a": 1, None: 2}, "a key of an object is not a string"),
    "bytes": ({"n": b"a"}, "a type that JSON does not know"),
    "a set": ({"n": {1}}, "a type that JSON does not know"),
    "an endless nesting": ({"n": wrapped(100_000)}, "nested too deeply"),
}


@pytest.mark.parametrize("canonical", [canonical_json, canonical_line])
@pytest.mark.parametrize(("value", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_json_cannot_carry_is_refused_in_a_clear_sentence(canonical: Callable[[Any], bytes], value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        canonical(value)
    assert type(caught.value) is ValueError


def test_the_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(ValueError, match="integer") as caught:
        canonical_json({"phone": 393331234567393331234567})
    assert "393331234567" not in str(caught.value)


def test_the_fast_line_writes_every_code_point_as_the_general_form_does() -> None:
    every_code_point = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)]))
    assert canonical_line({"text": every_code_point}) == canonical_json({"text": every_code_point}) + b"\n"


INTEGERS = st.integers(-LARGEST_EXACT, LARGEST_EXACT)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(TEXTS, TEXTS | INTEGERS | st.none() | st.booleans()))
def test_the_line_of_any_flat_record_is_its_canonical_json_and_a_line_feed(record: dict[str, str | int | None]) -> None:
    assert canonical_line(record) == canonical_json(record) + b"\n"


@given(st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=3), TEXTS | INTEGERS | st.none(), min_size=2))
def test_the_line_of_a_record_with_ascii_keys_is_its_canonical_json_and_a_line_feed(record: dict[str, str | int | None]) -> None:
    assert canonical_line(record) == canonical_json(record) + b"\n"


@pytest.mark.parametrize("record", [{"n": 1.0}, {"n": 1e21}, {"n": Colour.RED}, {Colour.RED: "n"}, {"n": [1, 2.0]}, {"n": {"b": 1, "a": 1.5}}, {}])
def test_a_record_that_the_fast_path_would_write_differently_takes_the_general_path(record: dict[str, Any]) -> None:
    assert canonical_line(record) == canonical_json(record) + b"\n"


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)


@given(JSON_VALUES)
def test_canonical_json_reads_back_as_the_same_value_and_writes_the_same_bytes_again(value: Any) -> None:
    written = canonical_json(value)
    read = json.loads(written, parse_int=float)
    assert read == value
    assert canonical_json(read) == written


def test_sha256_is_written_in_lower_case_hexadecimal() -> None:
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert sha256_hex(b"abc") == hashlib.sha256(b"abc").hexdigest()
