"""Finds e-mail addresses: what stands around an @, if the e-mail library takes it for an address. No name server is asked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from email_validator import validate_email

from factbook.language.reading.words import Span

# RFC 5321, 4.5.3.1: 64 octets before the @ and 255 behind it. The bounds keep a text of nothing but such letters from being read over and over.
_LOCAL = re.compile(r"[^\s@<>()\[\]\",;:\\]{1,64}\Z")
_DOMAIN = re.compile(r"[^\s@<>()\[\]\",;:\\/?!'\u2019]{1,255}")
_TRAILING = ".-_*"
_LONGEST_LOCAL = 64
_is_checked = partial(validate_email, check_deliverability=False)


@dataclass(frozen=True, slots=True)
class EmailAddress(Span):
    """An address in a text, as it stands there."""

    value: str


def emails(text: str) -> list[EmailAddress]:
    """The addresses in a text, in order."""
    return list(_emails(text))


def _emails(text: str) -> Iterator[EmailAddress]:
    place, free_from = text.find("@"), 0
    while place >= 0:
        local = _LOCAL.search(text[max(free_from, place - _LONGEST_LOCAL) : place])
        domain = _DOMAIN.match(text, place + 1)
        if local and domain and "." in domain[0]:
            start, end = place - len(local[0].lstrip("'\u2019`*_-.")), place + 1 + len(domain[0].rstrip(_TRAILING))
            if is_address(text[start:end]):
                yield EmailAddress(start, end, text[start:end])
                free_from = end
        place = text.find("@", place + 1)


def is_address(text: str) -> bool:
    """Whether a text is an address by its form."""
    try:
        _is_checked(text)
    except ValueError:  # the library's own errors are such, and so is what Unicode cannot encode
        return False
    return True
