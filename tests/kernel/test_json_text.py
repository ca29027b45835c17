"""Equal JSON values have equal texts, numbers stay exact, and what the database cannot keep is refused in words."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.kernel.json_text import MAX_BYTES, json_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20)


def turned_round(value: Any) -> Any:
    """The same value, with the keys of every object in the opposite order."""
    if isinstance(value, dict):
        return {key: turned_round(inner) for key, inner in reversed(value.items())}
    return [turned_round(inner) for inner in value] if isinstance(value, list) else value


@given(VALUES)
def test_a_value_comes_back_from_its_text_and_the_order_of_keys_does_not_count(value: Any) -> None:
    assert json.loads(json_text(value)) == value
    assert json_text(turned_round(value)) == json_text(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": [1, 1.0, 2**70], "a": "h\u00e9 \U0001f600"}, '{"a":"h\u00e9 \U0001f600","b":[1,1.0,1180591620717411303424]}'),
        ([0.1, 1e22, -0.0, True, None], "[0.1,1e+22,-0.0,true,null]"),
        ('"\n', '"\\"\\n"'),
    ],
)
def test_the_text_has_no_spaces_and_exact_numbers(value: Any, text: str) -> None:
    assert json_text(value) == text


REFUSED = {
    "NUL": ({"a": ["b\0"]}, "the NUL character cannot be stored"),
    "NUL in a key": ({"a\0": 1}, "the NUL character cannot be stored"),
    "half a surrogate pair": (["\ud800"], "a lone surrogate is not a character"),
    "half a surrogate pair in a key": ({"\udc00": 1}, "a lone surrogate is not a character"),
    "not a number": ([float("nan")], "NaN and infinity are not JSON numbers"),
    "infinity": ({"a": float("-inf")}, "NaN and infinity are not JSON numbers"),
    "too deep": (json.loads("[" * 101 + "]" * 101), "nested deeper than 100 levels"),
    "too long": ("\u00e9" * (MAX_BYTES // 2), f"longer than {MAX_BYTES} bytes as JSON"),
}


@pytest.mark.parametrize(("value", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_kept_is_refused_in_words(value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        json_text(value)


def test_the_limits_themselves_are_kept() -> None:
    assert json_text(json.loads("[" * 100 + "]" * 100)) == "[" * 100 + "]" * 100
    assert len(json_text("a" * (MAX_BYTES - 2))) == MAX_BYTES
