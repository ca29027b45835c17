"""Which parts of an answer refer to sources, and how their names are exchanged. Pure."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

# A property of an answer that refers to a source, or to several.
ONE_SOURCE, MANY_SOURCES = "source_id", "source_ids"


def renamed(value: Any, other_name: Callable[[str], str]) -> Any:
    """The value with `other_name` of every source that a shape of ours within it refers to. Open data inside a value stays as it is."""
    match value:
        case BaseModel():
            return value.model_copy(update={name: _renamed_field(name, held, other_name) for name, held in value})
        case list() | tuple():
            return type(value)(renamed(each, other_name) for each in value)
        case _:
            return value


def _renamed_field(name: str, held: Any, other_name: Callable[[str], str]) -> Any:
    if name == ONE_SOURCE and isinstance(held, str):
        return other_name(held)
    if name == MANY_SOURCES:
        return [other_name(each) for each in held]
    return renamed(held, other_name)
