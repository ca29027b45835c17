"""Scores the values that an executor finds behind the gate against the states of dialogues.

What counts as right: a value whose text is one of the state's or of their canonical forms, whatever the case, spaces, final marks and leading "the";
a day or a time of day that means the same; the same number; the same yes or no.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.language_sgd import SAID_AT, Dialogue, Gold
from factbook.language import FindValues, FoundValue, LLMExecutor, WantedField
from factbook.language.gate import Gated
from factbook.language.reading.dates import dates
from factbook.language.reading.numbers import number_of
from factbook.language.reading.times import times
from factbook.language.reading.words import folded
from factbook.language.rules.facets import Kind, facet_of

TAKEN = 0.85  # gap fill takes a value that is at least this sure
_BANDS = ((0.95, 1.01, "from_0.95"), (TAKEN, 0.95, "from_0.85_to_0.95"), (0.0, TAKEN, "below_0.85"))
_GROUPS = {Kind.NUMBER: "count", Kind.CHOICE: "categorical", Kind.TEXT: "free_text", Kind.NAME: "name", Kind.OWN_NAME: "name", Kind.CODE: "code"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One field of one dialogue: what was found, if anything, what the state holds, if anything, and whether the two agree."""

    dialogue: str
    field: WantedField
    found: FoundValue | None
    gold: Gold | None
    is_right: bool
    is_quoted: bool


async def outcomes(executor: LLMExecutor, dialogues: Iterable[Dialogue]) -> list[Outcome]:
    """Every field for which something was found behind the gate, or is held."""
    gated = Gated(executor)
    made: list[Outcome] = []
    for dialogue in dialogues:
        reply = await gated.execute(FindValues(dialogue.sources, dialogue.fields))
        found = {value.field_name: value for value in reply.answer.values}
        said = {source.id: source.text for source in dialogue.sources if source.by_customer}
        for field in dialogue.fields:
            value, gold = found.get(field.name), dialogue.gold.get(field.name)
            if value is not None or gold is not None:
                right = value is not None and gold is not None and agrees(value, gold, field)
                quoted = value is not None and bool(value.quote) and value.quote in said.get(value.source_id, "")
                made.append(Outcome(dialogue.id, field, value, gold, right, quoted))
    return made


def scores(made: Iterable[Outcome]) -> dict[str, Any]:
    """Precision, recall and F1 in all and by kind of field, the ceiling for recall, and precision by how sure the executor was."""
    every = list(made)
    kinds = sorted({kind_of(outcome.field) for outcome in every})
    return {
        "all": score(every),
        "by_kind": {kind: score([outcome for outcome in every if kind_of(outcome.field) == kind]) for kind in kinds},
        "precision_by_confidence": {name: _band([o for o in every if o.found and low <= o.found.confidence < high]) for low, high, name in _BANDS},
    }


def kind_of(field: WantedField) -> str:
    """The kind of field under which it is reported."""
    kind = facet_of(field).kind
    return _GROUPS.get(kind, kind.value)


def score(made: Iterable[Outcome]) -> dict[str, Any]:
    """The figures of a set of outcomes; a ratio without anything to divide by is None."""
    counts: Counter[str] = Counter()
    for outcome in made:
        taken = outcome.found is not None and outcome.found.confidence >= TAKEN
        counts["gold"] += outcome.gold is not None
        counts["stated"] += outcome.gold is not None and outcome.gold.is_stated
        counts["accepted"] += outcome.gold is not None and outcome.gold.is_accepted_only
        counts["found"] += taken
        counts["right"] += taken and outcome.is_right
        counts["right_stated"] += taken and outcome.is_right and outcome.gold is not None and outcome.gold.is_stated
        counts["unquoted"] += taken and not outcome.is_quoted
    precision, recall = _share(counts["right"], counts["found"]), _share(counts["right"], counts["gold"])
    return {
        "gold": counts["gold"],
        "found": counts["found"],
        "right": counts["right"],
        "precision": precision,
        "recall": recall,
        "f1": round(2 * precision * recall / (precision + recall), 3) if precision and recall else None,
        "stated_by_customer": _share(counts["stated"], counts["gold"]),
        "accepted_from_agent": _share(counts["accepted"], counts["gold"]),
        "recall_of_stated": _share(counts["right_stated"], counts["stated"]),
        "without_a_span": _share(counts["unquoted"], counts["found"]),
    }


def _band(made: list[Outcome]) -> dict[str, Any]:
    return {"found": len(made), "precision": _share(sum(outcome.is_right for outcome in made), len(made))}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def agrees(found: FoundValue, gold: Gold, field: WantedField) -> bool:
    """Whether a found value is what the state holds, in one of its forms."""
    forms = (*gold.said, *gold.canonical)
    text = str(found.value)
    if _plain(text) in map(_plain, forms):
        return True
    if field.value_type == "date":
        return text in {day.future.isoformat() for form in forms for day in dates(form, SAID_AT) if day.future}
    if facet_of(field).kind is Kind.TIME:
        return any(one.same_as(other) for one in times(text) for form in (*forms,) for other in times(form))
    number = number_of(text)
    return number is not None and number in map(number_of, forms)


def _plain(text: str) -> str:
    return folded(text).strip(" .,!?").removeprefix("the ")


def summary(figures: Mapping[str, Any]) -> str:
    """One line of the figures of a set."""
    return " ".join(f"{name}={figures[name]}" for name in ("gold", "found", "precision", "recall", "f1", "stated_by_customer", "recall_of_stated"))
