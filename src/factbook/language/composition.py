"""Puts together who does tasks of language: the model that was named with rules behind it, or rules alone, and the gate around either."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from factbook.language.gate import Gated
from factbook.language.model import LLMExecutor
from factbook.language.models import Limits, ModelChoice
from factbook.language.rules import RulesExecutor
from factbook.language.standing_in import StandingIn

log = structlog.get_logger()


@asynccontextmanager
async def executor_of(choice: ModelChoice | None, limits: Limits) -> AsyncIterator[LLMExecutor]:
    """The executor while the block lasts, on the event loop that it is opened on. Without a choice, rules do the work and say so."""
    rules = RulesExecutor()
    log.info("language_opened", extractor=str(choice or rules.extractor))
    if choice is None:
        yield Gated(rules)
        return
    # A second of importing, paid by those who name a model.
    from factbook.language.models.executor import ModelExecutor
    from factbook.language.models.opening import opened_model

    async with opened_model(choice, limits) as model:
        yield Gated(StandingIn(ModelExecutor(str(choice), model, limits), rules))
