"""Measures the verdict on one value under its definition, type by type, against looking at the value's type and form alone."""

import time
from collections.abc import Callable
from typing import Any

from benchmarks.measuring import percentiles, ratio
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.profile.schema_model import ProfileFieldDefinition, ValidationMode
from factbook.profile.schema_rules import SchemaValidationService
from factbook.profile.validation.value_types import ValueType, fit

# What callers send: mostly fit, now and then not.
_VALUES: dict[ValueType, list[Any]] = {
    ValueType.STRING: ["Ada Lovelace", "Via Roma 1, Torino", "", 7],
    ValueType.EMAIL: ["ada@example.com", "ada.lovelace+insurance@mail.example.org", "info@shop.example.co", "ada@"],
    ValueType.PHONE: ["+39 300 0000000", "(011) 555-0100", "+44.20.7946.0958", "none"],
    ValueType.DATE: ["1990-12-10", "2026-01-31T09:30:00Z", "2026-01-31T09:30:00.123+01:00", "2026-02-30"],
    ValueType.NUMBER: [42, 120.5, "42", "a few"],
    ValueType.BOOLEAN: [True, "yes", "0", "perhaps"],
    ValueType.JSON: [{"rooms": 3, "garden": True}, ["home", "travel"], '{"rooms": 3}', "{"],
}


def measure(validations: int) -> dict[str, Any]:
    """The figures of each type, and of a text that is held to an expression and to allowed values besides."""
    figures = {str(kind): _figures(_definition(kind), values, validations) for kind, values in _VALUES.items()}
    choice = _definition(ValueType.STRING).model_copy(
        update={"validation_regex": "[a-z]+(_[a-z]+)*", "allowed_values": ["home", "home_travel", "car"]}
    )
    international = ["info@società.example", "ü@bücher.example.org", "用户@例子.example"]
    return figures | {
        "string_with_expression_and_allowed_values": _figures(choice, ["home", "home_travel", "boat", "HOME"], validations),
        "email_in_other_scripts": _figures(_definition(ValueType.EMAIL), international, validations // 10),
    }


def slowest(figures: dict[str, Any]) -> float:
    """The highest p99 among the types, in microseconds."""
    return max(float(of_type["verdict"]["p99_us"]) for of_type in figures.values())


def _definition(kind: ValueType) -> ProfileFieldDefinition:
    now = clock.now()
    return ProfileFieldDefinition(
        tenant_id=new_id(), agent_id=new_id(), name="measured", display_name="Measured", value_type=kind, created_at=now, updated_at=now
    )


def _figures(definition: ProfileFieldDefinition, values: list[Any], validations: int) -> dict[str, Any]:
    service = SchemaValidationService(ValidationMode.STRICT)

    def verdict(value: Any) -> object:
        return service.verdict(definition.name, value, None, [definition])

    def bare(value: Any) -> object:
        return fit(value, definition.value_type)

    whole, alone = (percentiles(_times(work, values, validations)) for work in (verdict, bare))
    return {"verdict": whole, "bare_type_and_form": alone, "verdict_to_bare_type_and_form": ratio(whole["p50_us"], alone["p50_us"])}


def _times(work: Callable[[Any], object], values: list[Any], times: int) -> list[float]:
    """Seconds of each call, after a warm-up of a tenth of them."""
    taken: list[float] = []
    for number in range(-(times // 10), times):
        value = values[number % len(values)]
        began = time.perf_counter()
        work(value)
        seconds = time.perf_counter() - began
        if number >= 0:
            taken.append(seconds)
    return taken
