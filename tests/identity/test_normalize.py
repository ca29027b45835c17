"""The normalizer: every vector, and what must hold for any input."""

import json
import re
import unicodedata
from importlib import resources
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from factbook.identity.normalize import BLOCKED_WORDS, NORMALIZER_VERSION, Channel, normalize

VECTORS: dict[str, Any] = json.loads(resources.files("factbook.identity").joinpath("vectors.json").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = VECTORS["cases"]

PHONE_CHANNELS = [Channel.WHATSAPP, Channel.SMS, Channel.VOICE]
OPAQUE_CHANNELS = [Channel.WEBCHAT, Channel.SLACK, Channel.API, Channel.INSTAGRAM]
WHITE_SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
DRAWN_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
NOT_PRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}

CHANNELS = st.sampled_from(Channel)
ANY_TEXT = st.text(st.characters(codec=None))  # lone surrogates too
PHONE_LIKE = st.text(st.sampled_from("+0123456789 \u00a0-.()\n\t\u0663\uff11a"))
EMAIL_LIKE = st.builds("{}@{}.{}".format, ANY_TEXT, ANY_TEXT, st.sampled_from(["com", "COM", "test", "\u0440\u0444"])) | st.emails()
RAW = ANY_TEXT | PHONE_LIKE | EMAIL_LIKE
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.binary() | ANY_TEXT | st.lists(ANY_TEXT) | st.dictionaries(ANY_TEXT, ANY_TEXT)


def numbered(case: dict[str, Any]) -> str:
    return f"{case['channel']}: {case['why']}".encode("ascii", "replace").decode()


@pytest.mark.parametrize("case", CASES, ids=numbered)
def test_a_vector_holds(case: dict[str, Any]) -> None:
    assert normalize(case["channel"], case["raw"]) == case["normalized"]


def test_the_vectors_are_many_and_of_this_version() -> None:
    assert VECTORS["version"] == NORMALIZER_VERSION
    assert len(CASES) >= 200


def test_no_vector_stands_twice_and_each_gives_its_reason() -> None:
    questions = [json.dumps([case["channel"], case["raw"]]) for case in CASES]
    assert len(questions) == len(set(questions))
    for case in CASES:
        assert list(case) == ["channel", "raw", "normalized", "why"]
        assert case["why"]


@pytest.mark.parametrize("channel", Channel)
def test_every_channel_has_vectors_that_are_taken_and_vectors_that_are_refused(channel: Channel) -> None:
    answers = [case["normalized"] is not None for case in CASES if case["channel"] == channel]
    assert set(answers) == {True, False}


def test_the_channels_are_a_closed_set() -> None:
    assert {channel.value for channel in Channel} == {"whatsapp", "sms", "voice", "email", "webchat", "slack", "api", "instagram"}


@given(ANYTHING | CHANNELS, ANYTHING)
def test_anything_at_all_gives_text_or_nothing(channel: object, raw: object) -> None:
    assert type(normalize(channel, raw)) in (str, type(None))


@given(CHANNELS, RAW)
def test_what_was_normalized_stays_as_it_is(channel: Channel, raw: str) -> None:
    once = normalize(channel, raw)
    assert once is None or normalize(channel, once) == once


@given(CHANNELS, RAW)
def test_what_was_normalized_fits_the_column_and_the_wire(channel: Channel, raw: str) -> None:
    once = normalize(channel, raw)
    assert once is None or (1 <= len(once) <= 255 and "\0" not in once and once.encode("utf-8"))


@given(st.sampled_from(PHONE_CHANNELS), PHONE_LIKE | ANY_TEXT)
@example(Channel.SMS, "393331234567\n")
def test_a_phone_number_is_seven_to_fifteen_ascii_digits_and_no_zero_first(channel: Channel, raw: str) -> None:
    once = normalize(channel, raw)
    assert once is None or re.fullmatch("[1-9][0-9]{6,14}", once)


@given(st.sampled_from(PHONE_CHANNELS), st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True), st.data())
def test_separators_and_one_leading_plus_change_nothing(channel: Channel, digits: str, data: st.DataObject) -> None:
    separators = st.text(st.sampled_from(" \u00a0-.()"), max_size=3)
    plus = data.draw(st.sampled_from(["", "+"]))
    assert digits.isascii()
    written = data.draw(separators) + plus + "".join(data.draw(separators) + digit for digit in digits) + data.draw(separators)
    assert normalize(channel, written) == digits


@given(st.sampled_from(PHONE_CHANNELS), st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True), st.data())
def test_any_other_character_anywhere_refuses_a_phone_number(channel: Channel, digits: str, data: st.DataObject) -> None:
    other = data.draw(st.characters(codec=None, exclude_characters="+0123456789 \u00a0-.()"))
    place = data.draw(st.integers(0, len(digits)))
    assert normalize(channel, digits[:place] + other + digits[place:]) is None


@given(EMAIL_LIKE | ANY_TEXT)
def test_an_email_address_is_lower_case_ascii_with_one_at_sign(raw: str) -> None:
    once = normalize(Channel.EMAIL, raw)
    assert once is None or (once.isascii() and once == once.lower() and once.count("@") == 1 and not once.startswith("@") and not once.endswith("@"))


@given(st.sampled_from(OPAQUE_CHANNELS), ANY_TEXT)
def test_an_opaque_identifier_is_the_trimmed_text_itself_or_nothing(channel: Channel, raw: str) -> None:
    assert normalize(channel, raw) in (raw.strip(WHITE_SPACE), None)


@pytest.mark.parametrize("channel", OPAQUE_CHANNELS)
def test_printable_is_exactly_what_the_docstring_says(channel: Channel) -> None:
    for code_point in range(0x110000):
        character = chr(code_point)
        printable = character == " " or (unicodedata.category(character) not in NOT_PRINTABLE and character not in DRAWN_BLANK)
        assert normalize(channel, f"a{character}b") == (f"a{character}b" if printable else None), hex(code_point)


def test_trimming_takes_exactly_the_white_space_of_unicode() -> None:
    trimmed = [chr(code_point) for code_point in range(0x110000) if normalize(Channel.API, f"{chr(code_point)}a{chr(code_point)}") == "a"]
    assert "".join(trimmed) == WHITE_SPACE
    assert len(trimmed) == 25


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("word", sorted(BLOCKED_WORDS))
def test_a_blocked_word_is_nobody_on_every_channel_in_every_case(channel: Channel, word: str) -> None:
    for written in (word, word.upper(), word.title(), f"  {word}\n"):
        assert normalize(channel, written) is None


@pytest.mark.parametrize("channel", Channel)
@given(zeros=st.text(st.sampled_from("0 -.()\u00a0")))
def test_zeros_are_nobody_on_every_channel(channel: Channel, zeros: str) -> None:
    assert normalize(channel, zeros) is None


@given(st.text().filter(lambda name: name not in set(Channel)), RAW)
def test_an_unknown_channel_identifies_nobody(channel: str, raw: str) -> None:
    assert normalize(channel, raw) is None


@given(CHANNELS, RAW)
def test_the_channel_may_be_given_by_its_plain_name(channel: Channel, raw: str) -> None:
    assert normalize(channel.value, raw) == normalize(channel, raw)


@pytest.mark.parametrize("channel", Channel)
def test_a_very_long_value_is_answered_all_the_same(channel: Channel) -> None:
    assert normalize(channel, "a@" * 100_000) is None
    assert normalize(channel, "1" * 100_000) is None
