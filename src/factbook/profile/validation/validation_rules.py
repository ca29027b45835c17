"""Decides what is wrong with a value: its type and form, its expression, its allowed values. All of it is told, in this order.

A message names the rule that was broken and never repeats the value, which may be personal data.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from factbook.profile.validation.expressions import ExpressionUnusable, matches_whole
from factbook.profile.validation.value_types import Fit, ValueType, fit, text_of

_KINDS = {
    ValueType.STRING: "a text",
    ValueType.EMAIL: "a text",
    ValueType.PHONE: "a text",
    ValueType.DATE: "a text",
    ValueType.NUMBER: "a number, or a text that reads as one",
    ValueType.BOOLEAN: "true or false, or a text that says so",
    ValueType.JSON: "an object or an array, or a text that is JSON",
}
_FORMS = {
    ValueType.STRING: "not a text",
    ValueType.EMAIL: "not an e-mail address",
    ValueType.PHONE: "not a phone number: 7 to 15 digits, with spaces, dashes, dots, parentheses and one leading plus",
    ValueType.DATE: "not an ISO 8601 date, or date and time, such as 2026-01-31 or 2026-01-31T09:30:00Z",
    ValueType.NUMBER: "not a finite number in plain decimal digits",
    ValueType.BOOLEAN: "none of true, false, yes, no, 1 and 0",
    ValueType.JSON: "not JSON",
}


class ErrorType(StrEnum):
    """What kind of fault a value has. `config_error` is the definition's, `unknown_field` that of a name which has none.

    `verification_required` is no fault of the value: it says what is yet to come.
    """

    TYPE_ERROR = "type_error"
    FORMAT_ERROR = "format_error"
    REGEX_ERROR = "regex_error"
    ALLOWED_VALUES_ERROR = "allowed_values_error"
    CONFIG_ERROR = "config_error"
    UNKNOWN_FIELD = "unknown_field"
    VERIFICATION_REQUIRED = "verification_required"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with the value of a field."""

    field_name: str
    error_type: ErrorType
    message: str


def faults_of(value: Any, *, field_name: str, value_type: ValueType, expression: str | None, allowed_values: Sequence[str] | None) -> list[Fault]:
    """Everything that is wrong with a JSON value; an empty list when nothing is. Never raises, whatever the expression.

    Without an expression or allowed values (None) that step is left out. An empty sequence allows nothing.
    """
    found = [*_of_type(value, value_type)]
    if expression is not None:
        found += _of_expression(value, expression)
    if allowed_values is not None and text_of(value) not in allowed_values:
        found.append((ErrorType.ALLOWED_VALUES_ERROR, "not one of the allowed values"))
    return [Fault(field_name, error_type, message) for error_type, message in found]


def _of_type(value: Any, value_type: ValueType) -> Iterator[tuple[ErrorType, str]]:
    match fit(value, value_type):
        case Fit.WRONG_KIND:
            yield ErrorType.TYPE_ERROR, f"the type {value_type} needs {_KINDS[value_type]}"
        case Fit.WRONG_FORM:
            yield ErrorType.FORMAT_ERROR, _FORMS[value_type]


def _of_expression(value: Any, expression: str) -> Iterator[tuple[ErrorType, str]]:
    text = text_of(value)
    try:
        # An expression that cannot be used is told whatever the value is.
        matched = matches_whole(expression, text or "")
    except ExpressionUnusable as unusable:
        yield ErrorType.CONFIG_ERROR, f"the expression of the field cannot be used: {unusable}"
        return
    if text is None:
        yield ErrorType.REGEX_ERROR, "an expression needs a text, a number or a boolean"
    elif not matched:
        yield ErrorType.REGEX_ERROR, "the whole text does not match the expression"
