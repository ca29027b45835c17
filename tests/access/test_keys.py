"""The text of a key: one text per key, and nothing else is taken for one."""

import re
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.access.keys import Key, mint_key, parse_key

KEY = Key(UUID(int=1), UUID(int=2), bytes(range(32)))
# Worked out by hand from the layout: 16 bytes, 16 bytes, 32 bytes, base64url without padding.
KEY_TEXT = "fbk_AAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAIAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw"


def test_a_key_has_the_text_that_its_layout_gives() -> None:
    assert KEY.text() == KEY_TEXT
    assert parse_key(KEY_TEXT) == KEY


@given(st.uuids(), st.uuids(), st.binary(min_size=32, max_size=32))
def test_every_key_comes_back_from_its_text(tenant_id: UUID, key_id: UUID, secret: bytes) -> None:
    key = Key(tenant_id, key_id, secret)
    assert parse_key(key.text()) == key


def test_a_minted_key_has_a_secret_of_its_own_and_a_plain_text() -> None:
    one, other = mint_key(UUID(int=1), UUID(int=2)), mint_key(UUID(int=1), UUID(int=2))
    assert len(one.secret) == len(one.sha256()) == 32
    assert one.secret != other.secret
    assert re.fullmatch(r"fbk_[A-Za-z0-9_-]{86}", one.text())


def test_the_secret_does_not_show_when_a_key_is_printed() -> None:
    key = mint_key(uuid4(), uuid4())
    assert "secret" not in repr(key)
    assert repr(key.secret) not in repr(key)


MALFORMED = {
    "empty": "",
    "only the prefix": "fbk_",
    "no prefix": KEY_TEXT.removeprefix("fbk_"),
    "prefix in capitals": "FBK_" + KEY_TEXT.removeprefix("fbk_"),
    "one character short": KEY_TEXT[:-1],
    "one character long": KEY_TEXT + "A",
    "padded": KEY_TEXT + "==",
    "a space before": " " + KEY_TEXT,
    "a line feed after": KEY_TEXT + "\n",
    "a character outside the alphabet": KEY_TEXT[:-1] + "+",
    "a digit of another script": KEY_TEXT[:-1] + "\u0664",
    "a letter with an accent": KEY_TEXT[:-1] + "\u00e9",
    "a NUL character": KEY_TEXT[:-1] + "\0",
    "very long": KEY_TEXT * 1000,
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_text_is_no_key(text: str) -> None:
    assert parse_key(text) is None


@pytest.mark.parametrize("last", sorted(set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") - {"w"}))
def test_no_other_last_character_spells_the_same_key(last: str) -> None:
    other = parse_key(KEY_TEXT[:-1] + last)
    assert other is None or other.secret != KEY.secret


@given(st.text(max_size=120))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert parse_key(text) is None
    assert parse_key("fbk_" + text) is None or len(text) == 86
