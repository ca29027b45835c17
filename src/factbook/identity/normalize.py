"""The one normalizer: from what a channel calls somebody to the identifier that is kept, or to None.

It decides nothing else and reaches nothing outside itself. What it cannot read for certain is None: no guess at a country, a 00 prefix or a
trunk zero, no plus-tag or dot rule of one mail provider. `vectors.json` beside this file states its behaviour case by case; whoever changes a
case raises `NORMALIZER_VERSION`. Source: seed 001 (CM-1), decision 3 of the product.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

from email_validator import EmailNotValidError, validate_email

NORMALIZER_VERSION = 1


class Channel(StrEnum):
    """Every channel there is. Names compare exactly: `WhatsApp` is none of them."""

    WHATSAPP = "whatsapp"
    SMS = "sms"
    VOICE = "voice"
    EMAIL = "email"
    WEBCHAT = "webchat"
    SLACK = "slack"
    API = "api"
    INSTAGRAM = "instagram"


# What people, spreadsheets and programs write where nobody is known. Compared as the whole value, in any case, on every channel.
BLOCKED_WORDS = frozenset(
    {
        *("null", "(null)", "<null>", "nil", "none", "undefined", "nan", "[object object]", "-1"),
        *("unknown", "anonymous", "anon", "missing", "n/a", "n.a.", "na", "not available"),
    }
)

_PHONE_SEPARATORS = " \u00a0-.()"  # space, no-break space, hyphen, dot, round brackets
_SEPARATORS_REMOVED = str.maketrans("", "", _PHONE_SEPARATORS)
# E.164: at most fifteen digits, and no country code begins with 0. It sets no minimum; seven is ours.
_PHONE = re.compile(r"\+?([1-9][0-9]{6,14})")

# The 25 characters with Unicode's property White_Space. str.strip() would also take U+001C to U+001F, JavaScript's trim() U+FEFF.
_WHITE_SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
# Letters, marks and a symbol that show nothing although Unicode does not call them separators or controls.
_DRAWN_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")

_LONGEST_EMAIL = 254  # octets, RFC 5321 section 4.5.3.1.3
_LONGEST_OPAQUE = 255  # characters


def normalize(channel: object, raw: object) -> str | None:
    """The identifier that Factbook keeps for `raw` on `channel`, or None when there is none to keep. Never raises; its results stay as they are.

    Whatever is not a `str`, an unknown channel, a blocked word and a value of nothing but zeros and phone separators give None.

    - Phone (whatsapp, sms, voice): space, no-break space, hyphen, dot and round brackets are removed wherever they stand; then at most one
      leading plus and 7 to 15 ASCII digits, the first from 1 to 9. Kept as digits without the plus.
    - E-mail: trimmed, exactly one `@`; the local part in ASCII, lower-cased; the domain in its IDNA ASCII form. Syntax only, nothing is looked up;
      a domain needs a dot and must not be reserved, save those of examples and tests (`example.com`, `test`), which are taken.
    - Opaque (webchat, slack, api, instagram): trimmed, then 1 to 255 printable characters, kept as they are.

    *Trimmed* takes the 25 characters with Unicode's property White_Space off both ends. *Printable* is every character but those of the general
    categories Cc, Cf, Cs, Co, Cn, Zl, Zp, and Zs other than U+0020 (so no control, no zero-width or bidi mark, no lone surrogate, no private use, no
    character that the interpreter's Unicode tables do not know), and but eight that draw a blank: U+034F, U+115F, U+1160, U+17B4, U+17B5, U+2800,
    U+3164 and U+FFA0.
    """
    if not isinstance(channel, str) or not isinstance(raw, str):
        return None
    rule = _RULES.get(channel)
    return None if rule is None or _is_blocked(raw) else rule(raw)


def _is_blocked(raw: str) -> bool:
    trimmed = raw.strip(_WHITE_SPACE)
    return trimmed.casefold() in BLOCKED_WORDS or not trimmed.strip("0" + _PHONE_SEPARATORS)


def _phone(raw: str) -> str | None:
    matched = _PHONE.fullmatch(raw.translate(_SEPARATORS_REMOVED))
    return matched[1] if matched else None


def _email(raw: str) -> str | None:
    trimmed = raw.strip(_WHITE_SPACE)
    local, at, domain = trimmed.partition("@")
    if not at or "@" in domain or not local.isascii() or len(trimmed) > _LONGEST_EMAIL:
        return None
    try:
        # `test_environment` admits the domain `test`; the documents and demos of every project use it, and nobody else can own it.
        checked = validate_email(f"{local.lower()}@{domain}", check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return checked.ascii_email


def _opaque(raw: str) -> str | None:
    trimmed = raw.strip(_WHITE_SPACE)
    return trimmed if 1 <= len(trimmed) <= _LONGEST_OPAQUE and trimmed.isprintable() and _DRAWN_BLANK.isdisjoint(trimmed) else None


_RULES: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {
        Channel.WHATSAPP: _phone,
        Channel.SMS: _phone,
        Channel.VOICE: _phone,
        Channel.EMAIL: _email,
        Channel.WEBCHAT: _opaque,
        Channel.SLACK: _opaque,
        Channel.API: _opaque,
        Channel.INSTAGRAM: _opaque,
    }
)
