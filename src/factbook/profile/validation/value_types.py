"""The seven types of a field's value: how each is told from a JSON value, and the text under which a value is compared.

A value is kept as it came. That "yes" is a boolean and "42" a number is said here; neither is turned into one.
"""

import json
import re
from datetime import date, datetime
from enum import Enum, StrEnum, auto
from math import isfinite
from typing import Any, NoReturn

from email_validator import SPECIAL_USE_DOMAIN_NAMES, validate_email

# RFC 5321, 4.5.3.1.3: a path has 256 octets, its two brackets among them. Tested first, so that no long text is taken apart.
_LONGEST_EMAIL = 254
# ITU-T E.164: at most 15 digits with the country's. Fewer than 7 reach nobody from outside.
# RFC 5321, 4.5.3.1.1. Addresses of this plain form are what nearly everybody has, and need none of the library's work on other scripts.
_LONGEST_LOCAL_PART = 64
_PLAIN_EMAIL = re.compile(
    r"(?P<local>[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)@(?:[A-Za-z0-9](?:[A-Za-z0-9]|-(?!-)){0,60}[A-Za-z0-9]\.)+(?P<top>[A-Za-z]{2,20})"
)
_PHONE_DIGITS = range(7, 16)
_PHONE = re.compile(r"\+?[0-9 .()-]*")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
# ISO 8601 in its extended format. Python reads more than that, and more with each release, so the form is held here and the calendar there.
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(_DATE.pattern + r"T(?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}(?::[0-9]{2})?)?")
_BOOLEANS = frozenset({"true", "false", "yes", "no", "1", "0"})
_LONGEST_BOOLEAN = max(map(len, _BOOLEANS))


class ValueType(StrEnum):
    """What kind of value a field holds."""

    STRING = "string"
    EMAIL = "email"
    PHONE = "phone"
    DATE = "date"
    NUMBER = "number"
    BOOLEAN = "boolean"
    JSON = "json"


class Fit(Enum):
    """How a value fits a type: a wrong kind can never be one, a wrong form could have been."""

    FITS = auto()
    WRONG_KIND = auto()
    WRONG_FORM = auto()


def inferred_type(value: Any) -> ValueType:
    """The type of a value that came without one. A text stays a text, whatever it reads like; null counts as `json`, which no null fits."""
    match value:
        case str():
            return ValueType.STRING
        case bool():
            return ValueType.BOOLEAN
        case int() | float():
            return ValueType.NUMBER
        case _:
            return ValueType.JSON


def text_of(value: Any) -> str | None:
    """The text that expressions and allowed values look at: a string itself, a number or boolean as JSON writes it. None for what has no text."""
    match value:
        case str():
            return value
        case bool() | int() | float():
            try:
                return json.dumps(value)
            except ValueError:  # an integer of more digits than Python writes
                return None
        case _:
            return None


def fit(value: Any, value_type: ValueType) -> Fit:
    """How the value fits the type."""
    match value_type, value:
        case ValueType.STRING, str():
            return Fit.FITS
        case (ValueType.BOOLEAN, bool()) | (ValueType.JSON, dict() | list()):
            return Fit.FITS
        case ValueType.NUMBER, bool():
            return Fit.WRONG_KIND
        case ValueType.NUMBER, int() | float():
            return _form(isinstance(value, int) or isfinite(value))
        case _, str():
            return _form(_reads_as(value, value_type))
        case _:
            return Fit.WRONG_KIND


def _form(right: bool) -> Fit:
    return Fit.FITS if right else Fit.WRONG_FORM


def _reads_as(text: str, value_type: ValueType) -> bool:
    match value_type:
        case ValueType.EMAIL:
            return len(text) <= _LONGEST_EMAIL and _is_email(text)
        case ValueType.PHONE:
            return _PHONE.fullmatch(text) is not None and sum(map(str.isdigit, text)) in _PHONE_DIGITS
        case ValueType.DATE:
            return _is_date(text)
        case ValueType.NUMBER:
            return _NUMBER.fullmatch(text) is not None
        case ValueType.BOOLEAN:
            return len(text) <= _LONGEST_BOOLEAN and text.lower() in _BOOLEANS
        case ValueType.JSON:
            return _is_json(text)
        case ValueType.STRING:
            return True


def _is_email(text: str) -> bool:
    if (
        (plain := _PLAIN_EMAIL.fullmatch(text))
        and plain["top"].lower() not in SPECIAL_USE_DOMAIN_NAMES
        and len(plain["local"]) <= _LONGEST_LOCAL_PART
    ):
        return True
    try:
        validate_email(text, check_deliverability=False)
    except ValueError:  # the library's own errors are such, and so is what Unicode cannot encode
        return False
    return True


def _is_date(text: str) -> bool:
    try:
        if _DATE.fullmatch(text):
            date.fromisoformat(text)
            return True
        if _DATE_TIME.fullmatch(text):
            datetime.fromisoformat(text)
            return True
    except ValueError:  # the form of a day or an hour that the calendar has not
        pass
    return False


def _is_json(text: str) -> bool:
    """Whether the text is JSON (RFC 8259). Its numbers are not made into any, so their length costs nothing and breaks nothing."""
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refused)
    except (ValueError, RecursionError):
        return False
    return True


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
