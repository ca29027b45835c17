"""What a condition sees of a field: its value as its type reads, in numbers that CEL has, and how much there is of it.

CEL knows whole numbers of 64 bits and doubles. A larger one is shown as the double nearest to it, which compares rightly with every whole number
that can be written in a condition. Two of them side by side might read as equal and are not, so `Showing` tells which there are.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from factbook.profile.validation.value_types import ValueType

_LEAST, _BEYOND = -(2**63), 2**64
_WHOLE = re.compile(r"[+-]?[0-9]{1,400}")
_YES_AND_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
# What a value counts for beside its characters, in characters.
WEIGHT_OF_A_VALUE = 64


class TooMuch(Exception):
    """The values are more than a condition may be shown."""


@dataclass(slots=True)
class Amount:
    """How much a condition is shown: of what may be joined, the characters and 64 for each member, and the members of lists and objects."""

    joinable: int = 0
    members: int = 0


class Showing:
    """Shows values to a condition. `large` are the numbers beyond 64 bits that were among them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.amount = Amount()
        self.large: set[int | float] = set()

    def shown(self, value: Any) -> Any:
        """The value as the library gets it. Raises `TooMuch` once more than `most` was shown."""
        match value:
            case str():
                self._count(characters=len(value))
                return value
            case bool() | None:
                return value
            case int() | float():
                return value if _LEAST <= value < _BEYOND else self._nearest(value)
            case dict():
                self._count(characters=sum(map(len, value)), members=len(value))
                return {key: self.shown(member) for key, member in value.items()}
            case _:
                self._count(members=len(value))
                return [self.shown(member) for member in value]

    def _count(self, characters: int = 0, members: int = 0) -> None:
        self.amount.joinable += characters + WEIGHT_OF_A_VALUE * members
        self.amount.members += members
        if self.amount.joinable > self._most:
            raise TooMuch

    def _nearest(self, value: float) -> float:
        self.large.add(value)
        try:
            return float(value)
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")


def meaning(value: Any, value_type: ValueType) -> Any:
    """The value that a text stands for by its type: "42" is a number and "yes" true where the type says so. Anything else is itself."""
    if not isinstance(value, str):
        return value
    try:
        match value_type:
            case ValueType.NUMBER:
                return _number(value)
            case ValueType.BOOLEAN:
                return _YES_AND_NO.get(value.lower(), value)
            case ValueType.JSON:
                return json.loads(value, parse_int=_number)
    except (ValueError, RecursionError):  # stored although it is not of its type
        pass
    return value


def _number(digits: str) -> int | float:
    return int(digits) if _WHOLE.fullmatch(digits) else float(digits)
