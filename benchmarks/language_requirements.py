"""Scores the requirements that an executor finds in scenario texts: in thirty written for it, and in the intents of dialogue services.

Thirty texts (`language_scenarios.json`) of a clinic, a bank, an online shop and a home repair business, ten of them held out. Each required field is
given with the names that count as right. For an intent, the scenario is what a designer would write who has only the schema: the intent's name as the
scenario's name, its description, then the service's description. The service's slots are the known fields, the intent's required slots the gold, and
only what is found to be a hard requirement is counted.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.language_sgd import Intent
from factbook.language import FindRequirements, FoundRequirement, LLMExecutor, Source, WantedField
from factbook.language.gate import Gated

REVIEWED_BELOW = 0.8  # a human looks at what is less sure
_TEXTS = Path(__file__).parent / "language_scenarios.json"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A required field: the names that count as right, and what is known of it."""

    names: tuple[str, ...]
    level: str = "hard"
    value_type: str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario's texts, the fields that are defined already, and what it requires."""

    id: str
    sources: tuple[Source, ...]
    known: tuple[WantedField, ...]
    required: tuple[Wanted, ...]
    only_hard: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A scenario with what was found in it; `matches` pairs the place of a required field with what was found for it."""

    scenario: Scenario
    found: tuple[FoundRequirement, ...]
    matches: tuple[tuple[int, FoundRequirement], ...]


def written(*, held_out: bool) -> list[Scenario]:
    """The thirty texts: the twenty that rules may be made by, or the ten that they may not."""
    return [
        Scenario(
            scenario["id"],
            tuple(Source(part["id"], part["text"], by_customer=False) for part in scenario["parts"]),
            (),
            tuple(Wanted(tuple(each["names"]), each["level"], each["value_type"]) for each in scenario["required"]),
        )
        for scenario in json.loads(_TEXTS.read_text(encoding="utf-8"))["scenarios"]
        if scenario["held_out"] is held_out
    ]


def of_intent(intent: Intent) -> Scenario:
    """An intent of a service as a scenario."""
    name = " ".join(re.findall(r"[A-Z][a-z]*|[0-9]+", intent.name))
    texts = {"name": name, "description": f"{intent.description}.", "service": f"{intent.service_description}."}
    return Scenario(
        f"{intent.service} {intent.name}",
        tuple(Source(part, text, by_customer=False) for part, text in texts.items()),
        intent.fields,
        tuple(Wanted((slot,)) for slot in intent.required),
        only_hard=True,
    )


async def judged(executor: LLMExecutor, scenarios: Iterable[Scenario]) -> list[Judged]:
    """What the executor finds behind the gate in each scenario, against what it requires."""
    gated = Gated(executor)
    made = []
    for scenario in scenarios:
        reply = await gated.execute(FindRequirements(scenario.sources, scenario.known))
        found = tuple(field for field in reply.answer.fields if field.required_level == "hard" or not scenario.only_hard)
        made.append(Judged(scenario, found, tuple(_matches(scenario.required, found))))
    return made


def _matches(required: Sequence[Wanted], found: Sequence[FoundRequirement]) -> Iterable[tuple[int, FoundRequirement]]:
    """Each required field with the first that was found under one of its names; nothing that was found counts twice."""
    left = list(found)
    for place, wanted in enumerate(required):
        match = next((field for name in wanted.names for field in left if field.name == name), None)
        if match is not None:
            left.remove(match)
            yield place, match


def scores(made: Iterable[Judged]) -> dict[str, Any]:
    """Precision and recall of everything that was found and of what is sure enough to need no review, and how often level and type are right."""
    every = list(made)
    return {
        "scenarios": len(every),
        "all": _score(every, 0.0),
        "without_review": _score(every, REVIEWED_BELOW),
        "level_right": _right(every, lambda wanted, field: field.required_level == wanted.level),
        "type_right": _right(every, lambda wanted, field: wanted.value_type in (None, field.value_type)),
    }


def _score(made: Sequence[Judged], least: float) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    for each in made:
        counts["required"] += len(each.scenario.required)
        counts["found"] += sum(_is_sure(field, least) for field in each.found)
        counts["right"] += sum(_is_sure(field, least) for _, field in each.matches)
    return {**counts, "precision": _share(counts["right"], counts["found"]), "recall": _share(counts["right"], counts["required"])}


def _is_sure(field: FoundRequirement, least: float) -> bool:
    return (0.5 if field.confidence is None else field.confidence) >= least


def _right(made: Sequence[Judged], agrees: Any) -> float | None:
    pairs = [(each.scenario.required[place], field) for each in made for place, field in each.matches]
    return _share(sum(agrees(wanted, field) for wanted, field in pairs), len(pairs))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None
