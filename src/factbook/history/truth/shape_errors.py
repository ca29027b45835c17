"""What is wrong with the shape of a record, in sentences of our own: they name the rule, never the value that was sent."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from factbook.history.truth.model import RecordType
from factbook.kernel.problems import FieldError

_IS_MISSING = "is missing"
_NO_CHARACTER = "a lone surrogate is not a character"
_TYPES = ", ".join(RecordType)

# The validator's error types that records can cause; the names in braces are limits of ours out of the error's context.
_MESSAGES: Mapping[str, str] = {
    "missing": _IS_MISSING,
    "extra_forbidden": "no such field belongs to this type of record",
    "invalid_key": "no such field belongs to this type of record",
    "union_tag_not_found": f"{_IS_MISSING}; it is one of {_TYPES}",
    "union_tag_invalid": f"is not one of {_TYPES}",
    "model_attributes_type": "is not an object",
    "string_type": "is not a text",
    "string_too_short": "is empty",
    "string_too_long": "is longer than {max_length} characters",
    "string_unicode": _NO_CHARACTER,
    "int_type": "is not a whole number",
    "greater_than_equal": "is less than {ge}",
    "less_than_equal": "is greater than {le}",
    "literal_error": "is not one of {expected}",
    "enum": "is not one of {expected}",
    "uuid_type": "is not the text of a UUID",
    "uuid_parsing": "is not the text of a UUID",
}
_OTHERWISE = "does not have the right shape"

_LONGEST_NAME_SHOWN = 64


def shape_errors(error: ValidationError, place: str) -> list[FieldError]:
    """The field errors of one record that failed validation as a member of the union. `place` is where it stood, for example `records[1]`."""
    return [_field_error(fault, place) for fault in error.errors(include_input=False, include_url=False)]


def _field_error(fault: Mapping[str, Any], place: str) -> FieldError:
    kind: str = fault["type"]
    if kind.startswith("union_tag"):
        return FieldError(f"{place}.type", _MESSAGES[kind])
    # The location begins with the tag of the union, which the caller never wrote.
    path = "".join(f".{field_name_shown(name)}" for name in fault["loc"][1:])
    return FieldError(place + path, _message(kind, fault.get("ctx", {})))


def _message(kind: str, context: Mapping[str, Any]) -> str:
    if kind == "value_error":
        return str(context["error"])  # raised by a validator of ours, in a sentence of ours
    return _MESSAGES.get(kind, _OTHERWISE).format_map(context)


def field_name_shown(name: object) -> str:
    """The name of a field as an answer may repeat it: callers can put anything into an unknown one."""
    text = str(name)
    return text if text.isprintable() and 0 < len(text) <= _LONGEST_NAME_SHOWN else "(unnamed)"
