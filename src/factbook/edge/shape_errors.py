"""What is wrong with the shape of a request, field by field, told without repeating anything that was sent.

pydantic's own messages may quote the value, so none of them is passed on: each kind of fault has a sentence here, filled from the rule alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError

from factbook.kernel.problems import REQUEST_INVALID, FieldError, Problem

ERRORS_SHOWN = 100
NAME_LENGTH_SHOWN = 100
BODY = "body"
# One or two characters of a value stand in most sentences by chance.
SHORTEST_REPEATED = 3
UNNAMED = "not an acceptable value"

# By pydantic's error type; the parts in braces are limits and lists that the field's rule sets, never the input.
_SENTENCES = {
    "missing": "a value is needed",
    "extra_forbidden": "there is no such field",
    "json_invalid": "not valid JSON",
    "model_type": "an object is needed",
    "model_attributes_type": "an object is needed, sent as JSON",
    "dict_type": "an object is needed",
    "list_type": "a list is needed",
    "string_type": "a text is needed",
    "string_too_short": "shorter than {min_length} characters",
    "string_too_long": "longer than {max_length} characters",
    "string_pattern_mismatch": "does not have the form {pattern}",
    "string_unicode": "not valid Unicode",
    "int_type": "a whole number is needed",
    "int_parsing": "a whole number is needed",
    "int_parsing_size": "the number is too large",
    "int_from_float": "a whole number is needed",
    "float_type": "a number is needed",
    "float_parsing": "a number is needed",
    "finite_number": "a finite number is needed",
    "decimal_type": "a number is needed",
    "decimal_parsing": "a number is needed",
    "bool_type": "true or false is needed",
    "bool_parsing": "true or false is needed",
    "none_required": "null is needed",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "too_short": "fewer than {min_length} entries",
    "too_long": "more than {max_length} entries",
    "uuid_type": "a UUID is needed",
    "uuid_parsing": "a UUID is needed",
    "datetime_type": "a date and time is needed",
    "datetime_parsing": "not an ISO 8601 date and time",
    "datetime_from_date_parsing": "not an ISO 8601 date and time",
    "datetime_object_invalid": "not an ISO 8601 date and time",
    "timezone_aware": "a time zone is missing, for example a trailing Z",
    "date_type": "a date is needed",
    "date_parsing": "not an ISO 8601 date",
    "date_from_datetime_parsing": "not an ISO 8601 date",
    "date_from_datetime_inexact": "a date without a time is needed",
    "union_tag_not_found": "{discriminator} is needed to tell which kind it is",
    "union_tag_invalid": "{discriminator} must be one of {expected_tags}",
}


def problem_of_shape(error: RequestValidationError) -> Problem:
    """The `request_invalid` problem that names every field at fault once per fault, up to `ERRORS_SHOWN`."""
    faults = dict.fromkeys(FieldError(_field(fault, error.body), _message(fault)) for fault in error.errors())
    shown = list(faults)[:ERRORS_SHOWN]
    left_out = f" The first {ERRORS_SHOWN} are listed." if len(faults) > ERRORS_SHOWN else ""
    return REQUEST_INVALID.because(f"Faults found in the request: {len(faults)}.{left_out}", shown)


def _message(fault: Mapping[str, Any]) -> str:
    context = fault.get("ctx") or {}
    if fault["type"] == "value_error":
        return _own_words(str(context.get("error", "")), fault.get("input"))
    try:
        return _SENTENCES.get(fault["type"], UNNAMED).format_map(context)
    except KeyError:  # pydantic left out a limit that its documentation names
        return UNNAMED


def _own_words(text: str, value: object) -> str:
    """The text of a validator of ours, unless it repeats the value: Python's own converters, called by a validator, quote what they were given."""
    quoted = repr(value)
    unquoted = quoted.strip("'\"")
    repeats = quoted in text or (len(unquoted) >= SHORTEST_REPEATED and unquoted in text)
    return UNNAMED if repeats or not text else text


def _field(fault: Mapping[str, Any], body: object) -> str:
    """`records[1].started_at` for the location `("body", "records", 1, "started_at")`; `body` for the body as a whole."""
    place, *path = fault["loc"]
    if fault["type"] == "json_invalid":  # the rest of the location is a position in the text
        return BODY
    if place == BODY:
        path = _path_sent(path, body, names_missing=fault["type"] == "missing")
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part[:NAME_LENGTH_SHOWN]}"
    return text.removeprefix(".") or str(place)


def _path_sent(path: Sequence[str | int], body: object, *, names_missing: bool) -> list[str | int]:
    """The path as the caller wrote it, without the names that pydantic puts between for the branches of a union."""
    sent: list[str | int] = []
    value = body
    for index, part in enumerate(path):
        if isinstance(value, Mapping):
            if part not in value and not (names_missing and index == len(path) - 1):
                continue
            value = value.get(part)
        elif isinstance(value, Sequence) and not isinstance(value, str | bytes) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            continue
        sent.append(part)
    return sent
