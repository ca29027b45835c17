"""The everyday conversations of four businesses, and how much of them is found rightly."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from factbook.language import WantedField
from tests.language.asked import sure


@dataclass(frozen=True, slots=True)
class Conversation:
    """A short conversation with the fields wanted of it and the values that the customer states; `held_out` ones were not looked at for the rules."""

    id: str
    held_out: bool
    fields: tuple[WantedField, ...]
    lines: tuple[str, ...]
    gold: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figures:
    """How many values are stated, taken and right, and what was taken wrongly or missed, as conversation and field."""

    stated: int
    right: int
    wrong: tuple[str, ...]
    missed: tuple[str, ...]

    @property
    def recall(self) -> float:
        """The share of what is stated that is taken rightly."""
        return self.right / self.stated


def conversations(held_out: bool) -> list[Conversation]:
    """Those that the rules were made by, or those that they were not."""
    read = json.loads(Path(__file__).with_name("everyday_conversations.json").read_text())["conversations"]
    return [
        Conversation(each["id"], held_out, tuple(map(_wanted, each["fields"])), tuple(each["lines"]), each["gold"])
        for each in read
        if each["held_out"] is held_out
    ]


def figures(every: Iterable[Conversation]) -> Figures:
    """What gap fill would take of the conversations, held against what is stated."""
    stated, right, wrong, missed = 0, 0, [], []
    for each in every:
        taken = sure(list(each.fields), *each.lines)
        stated += len(each.gold)
        for name, value in taken.items():
            if each.gold.get(name) == value and type(each.gold[name]) is type(value):
                right += 1
            else:
                wrong.append(f"{each.id} {name}")
        missed += [f"{each.id} {name}" for name in each.gold if name not in taken]
    return Figures(stated, right, tuple(wrong), tuple(missed))


def _wanted(field: dict[str, Any]) -> WantedField:
    allowed = field.pop("allowed_values", None)
    return WantedField(**field, allowed_values=tuple(allowed) if allowed else None)
