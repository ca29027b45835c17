"""Tasks of language for tests, and their answers without an event loop in the way."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from factbook.language import FindValues, FoundValue, LLMExecutor, Source, WantedField
from factbook.language.gate import Gated
from factbook.language.rules import RulesExecutor

SAID_AT = datetime(2019, 3, 1, 9, 0, tzinfo=UTC)  # a Friday


def conversation(*lines: str) -> tuple[Source, ...]:
    """Lines that begin with "A: " are the agent's, all others the customer's; the ids are the places of the lines."""
    return tuple(Source(str(place), line.removeprefix("A: "), SAID_AT, by_customer=not line.startswith("A: ")) for place, line in enumerate(lines, 1))


def found(fields: list[WantedField], *lines: str, executor: LLMExecutor | None = None) -> dict[str, FoundValue]:
    """What the rules, behind the gate, find in the conversation, by field."""
    gated = Gated(executor or RulesExecutor())
    reply = asyncio.run(gated.execute(FindValues(conversation(*lines), tuple(fields))))
    return {value.field_name: value for value in reply.answer.values}


def sure(fields: list[WantedField], *lines: str) -> dict[str, Any]:
    """The values that gap fill would take, by field."""
    return {name: value.value for name, value in found(fields, *lines).items() if value.confidence >= 0.85}
