"""The whole of it: settings choose who answers, the gate stands around everybody, and a failing model is seen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from factbook.language import FindRequirements, FindValues, LLMExecutor, Reply, Source, SuggestDefinitions, Unreachable, WantedField
from factbook.language.composition import executor_of
from tests.language.model_server import ModelServer, Turn, fails, holds, model_server, says, writes
from tests.language.model_world import CANARY, MOMENT, QUICK, about, all_logged, counted, found

SCENARIO = FindRequirements((Source("entry", "Refunds need an order number."),))


@asynccontextmanager
async def composed(*turns: Turn) -> AsyncIterator[tuple[ModelServer, LLMExecutor]]:
    """The executor of settings that name a model on a server that does this."""
    async with model_server(*turns) as server, executor_of(server.choice(), QUICK) as executor:
        yield server, executor


async def test_without_a_model_rules_do_the_work_and_say_so() -> None:
    async with executor_of(None, QUICK) as executor:
        reply = await executor.execute(about())
    assert (executor.extractor, reply.extractor) == ("rules", "rules")
    assert [each.value for each in reply.answer.values] == [CANARY]


async def test_a_model_that_is_named_does_the_work_and_says_so() -> None:
    async with composed(says(found())) as (_, executor):
        reply = await executor.execute(about())
    assert (executor.extractor, reply.extractor) == ("openai:tester", "openai:tester")
    assert [(each.value, each.source_id) for each in reply.answer.values] == [(CANARY, "message-0")]


INVENTED: dict[str, dict[str, Any]] = {
    "a value that nobody said": found("grace@example.com", quote="grace@example.com"),
    "a value whose quote says something else": found("grace@example.com"),
    "a quote that is nearly right": found(quote=CANARY.upper()),
    "an empty quote": found(quote=""),
    "a quote of what an agent said": found("agent@example.com", source_id="s2", quote="agent@example.com"),
    "a quote from another source": found(source_id="s3"),
    "a field that nobody asked for": found(field_name="password"),
}


@pytest.mark.parametrize("what", INVENTED)
async def test_what_a_model_invents_comes_to_nothing(what: str) -> None:
    sources = (*about().sources, Source("agent", "I am agent@example.com", by_customer=False), Source("later", "Thanks"))
    async with composed(says(INVENTED[what])) as (_, executor):
        reply = await executor.execute(FindValues(sources, (WantedField("contact", "email"),)))
    assert reply.answer.values == []
    assert reply.extractor == "openai:tester"


async def test_what_a_model_invents_for_a_scenario_comes_to_nothing() -> None:
    stated = {"name": "order_number", "display_name": "Order", "source_id": "s1", "quote": "an order number"}
    invented = {"name": "shoe_size", "display_name": "Shoe size", "source_id": "s1", "quote": "a shoe size"}
    async with composed(says({"fields": [stated, invented]})) as (_, executor):
        reply = await executor.execute(SCENARIO)
    assert [field.name for field in reply.answer.fields] == ["order_number"]


FAULTS: dict[str, Turn] = {"fails": fails(500), "refuses": fails(401), "answers nonsense": says("what?"), "is something else": writes("<html>")}


@pytest.mark.parametrize("what", FAULTS)
async def test_rules_stand_in_where_a_value_is_looked_for_and_it_is_seen(what: str) -> None:
    before = counted("factbook_language_stand_ins_total", prompt="find_values")
    with all_logged() as logged:
        async with composed(FAULTS[what]) as (server, executor):
            reply = await executor.execute(about())
    assert (executor.extractor, reply.extractor) == ("openai:tester", "rules")
    assert [each.value for each in reply.answer.values] == [CANARY]
    assert len(server.asked) > 0
    assert counted("factbook_language_stand_ins_total", prompt="find_values") == before + 1
    assert "rules_stood_in" in logged.getvalue()
    assert "canary" not in logged.getvalue()


@pytest.mark.parametrize("task", [SCENARIO, SuggestDefinitions(SCENARIO.sources, ())], ids=["requirements", "definitions"])
async def test_nobody_stands_in_for_what_can_be_done_later(task: FindRequirements) -> None:
    async with composed(fails(503)) as (_, executor):
        with pytest.raises(Unreachable) as raised:
            await executor.execute(task)
    assert raised.value.retryable


async def test_a_model_that_does_not_answer_is_stood_in_for_within_the_time_of_a_task() -> None:
    async with model_server(holds) as server, executor_of(server.choice(), MOMENT) as executor:
        reply: Reply[Any] = await executor.execute(about())
    assert reply.extractor == "rules"
