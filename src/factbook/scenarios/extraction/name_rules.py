"""Decides which field a name means, however it was written: lower snake case, at most fifty characters."""

import re
import unicodedata

from factbook.profile import NAME_FORM

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")
_NAME = re.compile(NAME_FORM)


def field_name_of(written: str) -> str | None:
    """`order_number` for "Order number", "orderNumber" and "order-number"; None for what gives no name.

    Accents are left out; a name that begins with a digit gets an underscore before it; one that is too long is none rather than another one.
    """
    plain = unicodedata.normalize("NFKD", written).encode("ascii", "ignore").decode("ascii")
    words = _BETWEEN_WORDS.sub("_", _HUMP.sub("_", plain).lower()).strip("_")
    name = f"_{words}" if words[:1].isdigit() else words
    return name if _NAME.fullmatch(name) else None


def display_name_of(name: str) -> str:
    """How to call a field before anybody said: "Order number" for `order_number`."""
    return name.strip("_").replace("_", " ").capitalize() or name
