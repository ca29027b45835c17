"""Finds telephone numbers: figures grouped as people group them, judged by the plans of the world's telephone networks where a country is named."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers

from factbook.language.reading.words import Span

# Figures with at most two marks between them, so that each step of the match uses up a figure. E.164: 7 to 15 figures.
_CANDIDATE = re.compile(r"(?<![\w.,/@:-])(?:\+|\()?[0-9](?:[ ().\-/\u00a0]{0,2}[0-9]){6,14}(?![\w@]|[.,:/-][0-9])")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}")


@dataclass(frozen=True, slots=True)
class PhoneNumber(Span):
    """A telephone number in a text. `value` is as it stands there, with spaces for slashes; `is_surely_one` when its form can be little else."""

    value: str
    is_surely_one: bool


def phones(text: str) -> list[PhoneNumber]:
    """The telephone numbers in a text, in order."""
    return list(_phones(text))


def digits_of(text: str) -> str:
    """The figures of a text alone."""
    return "".join(character for character in text if character in "0123456789")


def _phones(text: str) -> Iterator[PhoneNumber]:
    for found in _CANDIDATE.finditer(text):
        written = found[0]
        if _ISO_DATE.fullmatch(written):
            continue
        international = written.startswith("+")
        if international and not _is_possible(written):
            continue
        grouped = len(re.findall(r"[0-9]+", written)) > 1
        yield PhoneNumber(found.start(), found.end(), written.replace("/", " "), international or (grouped and len(digits_of(written)) >= 9))


def _is_possible(written: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(written, None))
    except phonenumbers.NumberParseException:
        return False
