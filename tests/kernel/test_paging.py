"""Cursors that only their own list accepts, and the limit of a page."""

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.kernel.canonical import canonical_json
from factbook.kernel.paging import SortKey, decode_cursor, encode_cursor
from factbook.kernel.problems import Problem

LARGEST_EXACT = 2**53 - 1
STORED_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
SORT_KEYS = st.lists(st.integers(-LARGEST_EXACT, LARGEST_EXACT) | STORED_TEXTS | st.none(), max_size=6)
ANY_SHAPE = st.lists(st.sampled_from([str, int, str | None, int | None]), max_size=6)


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def shape_of(values: list[SortKey]) -> list[type]:
    return [type(value) for value in values]


def assert_refused(text: str, kind: str = "ledger", shape: tuple[type, ...] = (int, str)) -> None:
    with pytest.raises(Problem) as caught:
        decode_cursor(kind, text, shape)
    assert caught.value.kind.code == "request_invalid"
    assert [error.field for error in caught.value.errors] == ["cursor"]


@given(SORT_KEYS)
def test_a_cursor_gives_back_the_sort_key_it_was_made_of(values: list[SortKey]) -> None:
    assert decode_cursor("ledger", encode_cursor("ledger", values), shape_of(values)) == tuple(values)


@given(SORT_KEYS)
def test_a_cursor_stands_in_a_query_string_as_it_is(values: list[SortKey]) -> None:
    assert set(encode_cursor("ledger", values)) <= set(string.ascii_letters + string.digits + "-_")


@given(SORT_KEYS, SORT_KEYS)
def test_two_sort_keys_never_share_a_cursor(one: list[SortKey], other: list[SortKey]) -> None:
    assert (encode_cursor("ledger", one) == encode_cursor("ledger", other)) == (one == other)


@given(st.text(), ANY_SHAPE)
def test_any_text_is_decoded_or_refused_as_a_problem(text: str, shape: list[type]) -> None:
    try:
        values = decode_cursor("ledger", text, shape)
    except Problem:
        return
    assert encode_cursor("ledger", values) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(st.lists(JSON), ANY_SHAPE)
def test_any_json_in_base64_is_decoded_or_refused_as_a_problem(values: list[object], shape: list[type]) -> None:
    try:
        text = base64url(canonical_json(["ledger", *values]))
    except ValueError:
        return
    try:
        decoded = decode_cursor("ledger", text, shape)
    except Problem:
        return
    assert list(decoded) == values
    assert all(type(value) in (int, str, type(None)) for value in decoded)


@given(st.binary(), ANY_SHAPE)
def test_any_bytes_in_base64_are_decoded_or_refused_as_a_problem(data: bytes, shape: list[type]) -> None:
    try:
        decoded = decode_cursor("ledger", base64url(data), shape)
    except Problem:
        return
    assert base64url(data) == encode_cursor("ledger", decoded)


FORGED = {
    "nothing": "",
    "no base64": "!!!!",
    "no ASCII": "\u20ac\ud800",
    "no JSON": base64url(b"ledger"),
    "no UTF-8": base64url(b'["ledger",1,"\xff"]'),
    "a number": base64url(b"1"),
    "a string": base64url(b'"ledger"'),
    "an object": base64url(b'{"ledger":1}'),
    "an empty array": base64url(b"[]"),
    "spaces inside": base64url(b'["ledger", 1,"a"]'),
    "a float": base64url(b'["ledger",1.0,"a"]'),
    "a big integer": base64url(b'["ledger",9007199254740992,"a"]'),
    "an integer beyond 64 bits": base64url(b'["ledger",123456789012345678901234567890,"a"]'),
    "a boolean for a number": base64url(b'["ledger",true,"a"]'),
    "an escape that was not needed": base64url(b'["ledger",1,"\\u0061"]'),
    "a NUL character": base64url(b'["ledger",1,"\\u0000"]'),
    "a lone surrogate": base64url(b'["ledger",1,"\\ud800"]'),
    "a list inside": base64url(b'["ledger",1,["a"]]'),
    "an endless nesting": base64url(b"[" * 100_000),
    "a deep nesting": base64url(b'["ledger",1,' + b"[" * 1000 + b"]" * 1000 + b"]"),
    "padding": encode_cursor("ledger", [1, "a"]) + "=",
    "a line feed at the end": encode_cursor("ledger", [1, "a"]) + "\n",
    "spare bits in the last character": encode_cursor("ledger", [1, "ab"])[:-1] + "R",
}


@pytest.mark.parametrize("text", FORGED.values(), ids=FORGED.keys())
def test_what_encode_cursor_never_wrote_is_refused(text: str) -> None:
    assert_refused(text)


def test_the_forged_cursors_differ_from_one_that_is_accepted() -> None:
    assert decode_cursor("ledger", base64url(b'["ledger",1,"a"]'), (int, str)) == (1, "a")
    assert decode_cursor("ledger", encode_cursor("ledger", [1, "ab"]), (int, str)) == (1, "ab")


def test_the_cursor_of_another_list_is_refused() -> None:
    assert_refused(encode_cursor("vault", [1, "a"]))


@pytest.mark.parametrize("values", [[], [1], [1, "a", 2], ["a", 1], [1, None], [None, "a"]])
def test_another_number_or_type_of_values_is_refused(values: list[SortKey]) -> None:
    assert_refused(encode_cursor("ledger", values))


def test_a_key_that_may_be_null_is_declared_so_in_the_shape() -> None:
    assert decode_cursor("ledger", encode_cursor("ledger", [None, "a"]), (int | None, str)) == (None, "a")


@pytest.mark.parametrize("values", [["a\0b"], ["\ud800"], [LARGEST_EXACT + 1]])
def test_a_sort_key_that_no_row_can_hold_is_no_cursor(values: list[SortKey]) -> None:
    with pytest.raises(ValueError, match=r"NUL|surrogate|integer"):
        encode_cursor("ledger", values)


def test_the_refusal_does_not_repeat_what_was_sent() -> None:
    with pytest.raises(Problem) as caught:
        decode_cursor("ledger", "sent-by-the-caller", (int,))
    assert "sent-by-the-caller" not in str(caught.value.body(None))
