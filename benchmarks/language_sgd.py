"""Turns the Schema-Guided Dialogue data into what Factbook asks: slots into wanted fields, dialogues into conversations, states into gold values.

The data stays where it is (`FACTBOOK_SAMPLES_DIR`); nothing of it is copied into the project. Rastogi et al., AAAI 2020, CC BY-SA 4.0.
"""

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from factbook.language import Source, WantedField
from factbook.language.reading.choices import choices
from factbook.language.reading.words import folded
from factbook.language.rules.guessing import value_type_of

TUNED_ON = ("dev_dialogues_001", "dev_dialogues_003")
HELD_OUT = ("dev_dialogues_007",)
SAID_AT = datetime(2019, 3, 1, 12, 0, tzinfo=UTC)  # the day on which the dialogues take "today" to be
_ANYTHING = "dontcare"
_VERDICTS = {"True", "False"}


@dataclass(frozen=True, slots=True)
class Gold:
    """A slot's value at the end of a dialogue: every way in which it was said, and the canonical forms of these.

    `is_stated` is whether the customer ever said it, and did not merely accept it from the agent. An allowed value must also be named: who asks for a
    baseball game has informed of sports, as the data has it, but no words of theirs say so. `is_accepted_only`: the agent said it, and they agreed.
    """

    said: tuple[str, ...]
    canonical: tuple[str, ...]
    is_stated: bool
    is_accepted_only: bool


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A conversation about one service, with the values that its state holds at the end."""

    id: str
    fields: tuple[WantedField, ...]
    sources: tuple[Source, ...]
    gold: Mapping[str, Gold]


@dataclass(frozen=True, slots=True)
class Intent:
    """What a service can do for a customer, as its schema describes it, and the slots that it requires."""

    service: str
    name: str
    description: str
    service_description: str
    fields: tuple[WantedField, ...]
    required: tuple[str, ...]


def folder() -> Path | None:
    """Where the data is, or None where it is absent."""
    found = Path(os.environ.get("FACTBOOK_SAMPLES_DIR", Path(__file__).parents[2] / "shared" / "data")) / "sgd"
    return found if (found / "dev_schema.json.gz").is_file() else None


def dialogues(data: Path, file: str) -> Iterator[Dialogue]:
    """The dialogues of a file, once for each service they are about."""
    fields = {service["service_name"]: wanted_fields(service) for service in _load(data / "dev_schema.json.gz")}
    for dialogue in _load(data / f"{file}.json.gz"):
        sources = tuple(
            Source(str(place), turn["utterance"], SAID_AT, by_customer=turn["speaker"] == "USER") for place, turn in enumerate(dialogue["turns"])
        )
        for service in dialogue["services"]:
            gold = _gold(dialogue["turns"], service, {field.name: field for field in fields[service]})
            yield Dialogue(f"{dialogue['dialogue_id']} {service}", fields[service], sources, gold)


def intents(data: Path) -> list[Intent]:
    """The intents of all services that the dialogues' schema describes."""
    return [
        Intent(
            service["service_name"],
            intent["name"],
            intent["description"],
            service["description"],
            wanted_fields(service),
            tuple(intent["required_slots"]),
        )
        for service in _load(data / "dev_schema.json.gz")
        for intent in service["intents"]
    ]


def wanted_fields(service: Mapping[str, Any]) -> tuple[WantedField, ...]:
    """A service's slots as fields: the type as the rules guess it, possible values as allowed values unless they are true and false."""
    return tuple(_wanted(slot) for slot in service["slots"])


def _wanted(slot: Mapping[str, Any]) -> WantedField:
    name, description, values = slot["name"], slot["description"], slot["possible_values"] if slot["is_categorical"] else []
    if set(values) == _VERDICTS:
        return WantedField(name, "boolean", description=description)
    if values:
        return WantedField(name, "string", description=description, allowed_values=tuple(values))
    return WantedField(name, value_type_of(name, description), description=description)


def _gold(turns: list[dict[str, Any]], service: str, fields: Mapping[str, WantedField]) -> dict[str, Gold]:
    state: dict[str, list[str]] = {}
    canonical: dict[tuple[str, str], str] = {}
    informed: set[tuple[str, str]] = set()
    for turn in turns:
        for frame in (frame for frame in turn["frames"] if frame["service"] == service):
            state = frame["state"]["slot_values"] if "state" in frame else state
            for action in frame["actions"]:
                for value, meaning in zip(action["values"], action["canonical_values"], strict=False):
                    canonical[action["slot"], folded(value)] = meaning
                    if turn["speaker"] == "USER" and action["act"] == "INFORM":
                        informed |= {(action["slot"], folded(value)), (action["slot"], folded(meaning))}
    words = "\n".join(turn["utterance"] for turn in turns if turn["speaker"] == "USER")
    values = {slot: said for slot, said in state.items() if _ANYTHING not in said}
    return {slot: _value(fields[slot], said, canonical, informed, words) for slot, said in values.items()}


def _value(field: WantedField, said: list[str], canonical: Mapping[tuple[str, str], str], informed: set[tuple[str, str]], words: str) -> Gold:
    meant = tuple(sorted({canonical[field.name, folded(text)] for text in said if (field.name, folded(text)) in canonical}))
    is_informed = any((field.name, folded(text)) in informed for text in (*said, *meant))
    is_named = field.allowed_values is None or any(found.value in (*said, *meant) for found in choices(words, field.allowed_values))
    return Gold(tuple(said), meant, is_informed and is_named, is_accepted_only=not is_informed)


def _load(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return list(json.load(file))
