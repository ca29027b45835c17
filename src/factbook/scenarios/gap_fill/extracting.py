"""Looks for values in messages: one task for all fields, bounded in time. Whatever goes wrong is told, and then nothing was found."""

import asyncio
from collections.abc import Mapping, Sequence

from factbook.conversations import Direction, Message
from factbook.language import (
    FindValues,
    LanguageFailure,
    LLMExecutor,
    OverBudget,
    RateLimited,
    Refused,
    Unreachable,
    UnusableAnswer,
    WantedField,
)
from factbook.scenarios.gap_fill.metrics import count_extraction
from factbook.scenarios.gap_fill.model import ExtractionFailure, ExtractionReport, Found, GapFillLimits
from factbook.scenarios.gap_fill.quote_rules import found_in, sources_of

_FAILURES: Mapping[type[Exception], ExtractionFailure] = {
    TimeoutError: ExtractionFailure.OUT_OF_TIME,
    Unreachable: ExtractionFailure.UNREACHABLE,
    RateLimited: ExtractionFailure.RATE_LIMITED,
    Refused: ExtractionFailure.REFUSED,
    UnusableAnswer: ExtractionFailure.UNUSABLE_ANSWER,
    OverBudget: ExtractionFailure.OVER_BUDGET,
}


async def look_for(
    executor: LLMExecutor, wanted: Mapping[str, WantedField], messages: Sequence[Message], limits: GapFillLimits
) -> tuple[dict[str, Found], ExtractionReport]:
    """What the customer's messages say of the fields, by field, and who looked. Never raises for an executor that fails or is slow."""
    if not any(message.direction is Direction.INBOUND for message in messages):
        return {}, ExtractionReport(extractor=executor.extractor)
    task = FindValues(sources=sources_of(messages, limits.characters), fields=tuple(wanted.values()))
    try:
        async with asyncio.timeout(limits.seconds):
            reply = await executor.execute(task)
    except (TimeoutError, LanguageFailure) as error:
        failed = _FAILURES.get(type(error), ExtractionFailure.OTHER)
        count_extraction(failed)
        return {}, ExtractionReport(extractor=executor.extractor, failed=failed)
    count_extraction(None)
    return found_in(reply, wanted, messages), ExtractionReport(extractor=reply.extractor)
