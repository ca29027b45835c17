"""Measures understanding: values found in real dialogues, requirements found in scenario texts, and the time both take.

    python -m benchmarks.language [--quick]

Writes `benchmarks/language.json`; docs/benchmarks.md says how to read it. `--quick` takes one dialogue of twenty and prints the figures. Without the
data in `FACTBOOK_SAMPLES_DIR`, what needs it says "skipped". With `FACTBOOK_MODEL` set (and `FACTBOOK_MODEL_URL`, `FACTBOOK_MODEL_KEY`) that model is
measured in place of the rules, and the figures are printed only.
"""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from typing import Any

from benchmarks import language_requirements as requirements
from benchmarks import language_sgd as sgd
from benchmarks import language_values as values
from benchmarks.measuring import percentiles, run
from factbook.language import FindRequirements, FindValues, LLMExecutor, Source, Task
from factbook.language.gate import Gated
from factbook.language.model import AnswerType
from factbook.language.rules import RulesExecutor

_LONG_MESSAGE = 100_000  # characters


@dataclass(frozen=True, slots=True)
class Sizes:
    """One dialogue of how many is taken, and how often long messages are read."""

    one_of: int
    long_messages: int


FULL = Sizes(one_of=1, long_messages=3)
QUICK = Sizes(one_of=20, long_messages=1)


@asynccontextmanager
async def executor_from_settings() -> AsyncIterator[LLMExecutor]:
    """The model that the environment names, else the rules. The library behind models is loaded only when one is named."""
    named, url, key = (os.environ.get(f"FACTBOOK_MODEL{part}") or None for part in ("", "_URL", "_KEY"))
    if named is None:
        yield RulesExecutor()
        return
    models = import_module("factbook.language.models")
    choice, limits = models.model_choice(named, url, key), models.Limits()
    async with import_module("factbook.language.models.opening").opened_model(choice, limits) as model:
        yield import_module("factbook.language.models.executor").ModelExecutor(str(choice), model, limits)


def measure(sizes: Sizes) -> dict[str, Any]:
    """Every measurement, one after another."""
    return asyncio.run(_measure(sizes))


async def _measure(sizes: Sizes) -> dict[str, Any]:
    async with executor_from_settings() as executor:
        data = sgd.folder()
        figures: dict[str, Any] = {"extractor": executor.extractor}
        figures["values"] = await _values(executor, data, sizes) if data else "skipped: no dialogues in FACTBOOK_SAMPLES_DIR"
        figures["requirements"] = await _requirements(executor, data)
        figures["time"] = await _time(executor, data, sizes)
        return figures


async def _values(executor: LLMExecutor, data: Path, sizes: Sizes) -> dict[str, Any]:
    """The dialogues that the rules were made by, then those that they were not."""
    sets = {"tuned_on": sgd.TUNED_ON, "held_out": sgd.HELD_OUT}
    figures: dict[str, Any] = {}
    for name, files in sets.items():
        made = await values.outcomes(executor, _dialogues(data, files, sizes))
        figures[name] = {"files": list(files)} | values.scores(made)
    return figures


def _dialogues(data: Path, files: Sequence[str], sizes: Sizes) -> Iterable[sgd.Dialogue]:
    return islice(chain.from_iterable(sgd.dialogues(data, file) for file in files), 0, None, sizes.one_of)


async def _requirements(executor: LLMExecutor, data: Path | None) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "written_tuned_on": requirements.scores(await requirements.judged(executor, requirements.written(held_out=False))),
        "written_held_out": requirements.scores(await requirements.judged(executor, requirements.written(held_out=True))),
        "intents": "skipped: no dialogues in FACTBOOK_SAMPLES_DIR",
    }
    if data:
        figures["intents"] = requirements.scores(await requirements.judged(executor, map(requirements.of_intent, sgd.intents(data))))
    return figures


async def _time(executor: LLMExecutor, data: Path | None, sizes: Sizes) -> dict[str, Any]:
    """Seconds of a task behind the gate: fifty scenarios, whole dialogues, and hostile messages of a hundred thousand characters."""
    gated = Gated(executor)
    scenarios = [*requirements.written(held_out=False), *requirements.written(held_out=True)]
    scenarios += [requirements.of_intent(intent) for intent in (sgd.intents(data)[:20] if data else [])]
    figures = {"scenarios": percentiles([await _timed(gated, FindRequirements(each.sources, each.known)) for each in scenarios])}
    if data:
        dialogues = list(_dialogues(data, sgd.TUNED_ON, sizes))
        figures["dialogues"] = percentiles([await _timed(gated, FindValues(each.sources, each.fields)) for each in dialogues])
        if isinstance(executor, RulesExecutor):  # a model would refuse texts of this length
            tasks = [FindValues((Source("1", text, sgd.SAID_AT),), dialogues[0].fields) for text in _long_messages()]
            figures["long_messages"] = percentiles([await _timed(gated, task) for task in tasks for _ in range(sizes.long_messages)])
    return figures


async def _timed(executor: LLMExecutor, task: Task[AnswerType]) -> float:
    started = time.perf_counter()
    await executor.execute(task)
    return time.perf_counter() - started


def _long_messages() -> list[str]:
    pieces = ("the 3rd of March at 5 pm in San Jose, ", "a@", "1 2 3 4 ", "New York ", "quarter past ", "not yes no ", "\u202eabc\u200f ", "((((")
    return [(piece * (_LONG_MESSAGE // len(piece) + 1))[:_LONG_MESSAGE] for piece in pieces]


if __name__ == "__main__":
    if os.environ.get("FACTBOOK_MODEL"):
        print(json.dumps(measure(FULL), indent=2))
    else:
        run("language", measure, FULL, QUICK)
