"""What the tests of models share: tasks, executors on a server of the test's own, and everything that a run would log."""

import io
import logging
import sys
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from unittest.mock import patch

import structlog
from prometheus_client import REGISTRY

from factbook.edge import configure_logging
from factbook.language import FindValues, LanguageFailure, Source, WantedField
from factbook.language.models import Limits, ModelChoice
from factbook.language.models.executor import ModelExecutor
from factbook.language.models.opening import opened_model

CANARY = "ada.lovelace+canary@example.com"
KEY = "sk-canary-key"
# Nothing waits for long, and nothing that goes well comes near to these seconds.
QUICK = Limits(seconds=30.0, first_wait_seconds=0.001)
MOMENT = Limits(seconds=0.3, first_wait_seconds=0.001)


def about(text: str = f"You reach me at {CANARY}.", *more: str) -> FindValues:
    """Find an address in messages of a customer."""
    sources = tuple(Source(f"message-{number}", said) for number, said in enumerate((text, *more)))
    return FindValues(sources, (WantedField("contact", "email"),))


def found(value: object = CANARY, **other: object) -> dict[str, Any]:
    """The answer of a model to `about`."""
    return {"values": [{"field_name": "contact", "value": value, "confidence": 0.97, "source_id": "s1", "quote": CANARY} | other]}


@asynccontextmanager
async def executor_on(choice: ModelChoice, limits: Limits = QUICK) -> AsyncIterator[ModelExecutor]:
    """An executor on the model of this choice."""
    async with opened_model(choice, limits) as model:
        yield ModelExecutor(str(choice), model, limits)


@contextmanager
def all_logged() -> Iterator[io.StringIO]:
    """What a run of the service at the level `debug` would have written, from libraries as well."""
    root, written = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers, root.level
    with patch.object(sys, "stderr", written):
        configure_logging("debug")
    try:
        yield written
    finally:
        root.handlers = handlers
        root.setLevel(level)
        structlog.reset_defaults()


def told(failure: LanguageFailure) -> str:
    """Everything that a failure tells to whoever prints it, with whatever it was raised from or during."""
    assert failure.__cause__ is None
    assert failure.__context__ is None
    return f"{failure!r} {failure} {vars(failure)}" + "".join(traceback.format_exception(failure))


def counted(name: str, **labels: str) -> float:
    """A counter of this process."""
    return REGISTRY.get_sample_value(name, labels) or 0.0
