"""No task and no hour costs more than it may: what might is not asked, and what did is told."""

import asyncio
from dataclasses import replace

import pytest

from factbook.language import LanguageFailure, OverBudget, RateLimited, Usage
from factbook.language.models.question import question_about
from factbook.language.models.spending import BYTES_PER_TOKEN, HOUR_SECONDS, HourlyTokens, Spending, estimated_tokens
from tests.language.model_server import Turn, fails, holds, model_server, says
from tests.language.model_world import QUICK, about, counted, executor_on, found

# What the request of one task may cost at most.
ONE_REQUEST = estimated_tokens(question_about(about()).length) + QUICK.output_tokens


async def test_a_task_that_might_cost_too_much_is_not_asked() -> None:
    async with model_server(says(found())) as server, executor_on(server.choice()) as executor:
        with pytest.raises(OverBudget):
            await executor.execute(about("word " * QUICK.task_tokens))
        await executor.execute(about())
    assert len(server.asked) == 1


async def test_an_answer_that_cost_too_much_is_told_as_such_and_counted() -> None:
    before = counted("factbook_model_output_tokens_total", prompt="find_values")
    async with model_server(says(found(), usage=(10, QUICK.task_tokens))) as server, executor_on(server.choice()) as executor:
        with pytest.raises(OverBudget):
            await executor.execute(about())
    assert counted("factbook_model_output_tokens_total", prompt="find_values") == before + QUICK.task_tokens


async def test_what_is_left_of_the_budget_must_be_enough_for_a_repair() -> None:
    async with model_server(says("what?", usage=(10, QUICK.task_tokens - 1000))) as server, executor_on(server.choice()) as executor:
        with pytest.raises(OverBudget):
            await executor.execute(about())
    assert len(server.asked) == 1


async def test_a_process_that_has_spent_its_hour_asks_no_more() -> None:
    async with model_server(says(found(), usage=(50_000, 40_000))) as server:
        limits = replace(QUICK, task_tokens=100_000, hourly_tokens=90_000)
        async with executor_on(server.choice(), limits) as executor:
            await executor.execute(about())
            with pytest.raises(RateLimited):
                await executor.execute(about())
    assert len(server.asked) == 1


async def test_tasks_under_way_count_as_what_they_may_cost() -> None:
    async with model_server(holds) as server, executor_on(server.choice(), replace(QUICK, hourly_tokens=ONE_REQUEST)) as executor:
        first = asyncio.create_task(executor.execute(about()))
        await server.came.wait()
        with pytest.raises(RateLimited):
            await executor.execute(about())
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
    assert len(server.asked) == 1


async def test_a_server_that_does_not_count_is_reckoned_with_by_length() -> None:
    limits = replace(QUICK, hourly_tokens=ONE_REQUEST)
    async with model_server(says(found(), usage=None)) as server, executor_on(server.choice(), limits) as executor:
        assert (await executor.execute(about())).usage == Usage()
        with pytest.raises(RateLimited):
            await executor.execute(about())
    assert len(server.asked) == 1


@pytest.mark.parametrize("turned_away", [fails(429), fails(500), fails(400)], ids=["too many requests", "server error", "not accepted"])
async def test_a_server_that_turns_a_task_away_costs_nothing(turned_away: Turn) -> None:
    limits = replace(QUICK, retries=0, hourly_tokens=ONE_REQUEST)
    async with model_server(*[turned_away] * 20, says(found())) as server, executor_on(server.choice(), limits) as executor:
        for _ in range(20):
            with pytest.raises(LanguageFailure):
                await executor.execute(about())
        assert (await executor.execute(about())).answer.values


def test_tokens_are_estimated_upwards() -> None:
    assert [estimated_tokens(length) for length in (0, 1, BYTES_PER_TOKEN, BYTES_PER_TOKEN + 1)] == [0, 1, 1, 2]


def test_an_hour_later_the_tokens_are_there_again() -> None:
    now = [0.0]
    hourly = HourlyTokens(100, lambda: now[0])
    hourly.reserve(60)
    hourly.settle(60, 50)
    with pytest.raises(RateLimited):
        hourly.reserve(51)
    hourly.reserve(50)
    hourly.settle(50, 0)
    now[0] = HOUR_SECONDS - 1
    with pytest.raises(RateLimited):
        hourly.reserve(51)
    now[0] = HOUR_SECONDS
    hourly.reserve(100)


def test_without_a_bound_nothing_is_refused() -> None:
    hourly = HourlyTokens(None)
    hourly.reserve(10**12)
    hourly.reserve(10**12)


def test_a_request_that_broke_off_costs_what_may_have_been_read() -> None:
    hourly = HourlyTokens(None)
    spending = Spending(999, 100, hourly)
    with pytest.raises(ConnectionError), spending.request(900):
        raise ConnectionError
    with pytest.raises(ConnectionError), spending.request(900):
        raise ConnectionError
    with pytest.raises(OverBudget), spending.request(900):
        raise AssertionError
    assert spending.usage == Usage()
    spending.check()
