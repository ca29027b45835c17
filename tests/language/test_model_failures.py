"""Servers of models fail in many ways: each is a typed failure after a bounded number of requests, and none tells of anybody."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from factbook.language import LanguageFailure, OverBudget, RateLimited, Refused, Unreachable, UnusableAnswer
from factbook.language.models.choice import Limits
from factbook.language.models.executor import ModelExecutor
from factbook.language.models.metrics import outcome_of
from tests.faults.proxy import Proxy, proxy_to
from tests.language.model_server import ModelServer, Turn, breaks_off, fails, holds, model_server, says, writes
from tests.language.model_world import CANARY, KEY, MOMENT, QUICK, about, all_logged, counted, executor_on, found, told

ATTEMPTS = QUICK.retries + 1
REPEATING = {"type": "error", "error": {"type": "some_error", "code": "some_code", "message": f"You said {CANARY} with {KEY}"}}
LENGTH = {"error": {"code": "context_length_exceeded", "message": f"maximum context length, {CANARY}"}}
EMPTIED = {"error": {"code": "insufficient_quota", "message": CANARY}}


@dataclass(frozen=True)
class Fault:
    """What a server does, the failure it is, and after how many requests."""

    turn: Turn
    failure: type[LanguageFailure]
    requests: int = 1
    model: str = "openai:tester"


FAULTS = {
    "a key that is not accepted": Fault(fails(401, REPEATING), Refused),
    "a key that may not": Fault(fails(403, REPEATING), Refused),
    "a model that does not exist": Fault(fails(404, REPEATING), Refused),
    "a request that is not accepted": Fault(fails(400, REPEATING), Refused),
    "a request that is too large": Fault(fails(413, REPEATING), Refused),
    "a text longer than the model reads": Fault(fails(400, LENGTH), OverBudget),
    "an account that is used up": Fault(fails(429, EMPTIED), Refused),
    "a bill that is not paid": Fault(fails(402, REPEATING), Refused),
    "too many requests": Fault(fails(429, REPEATING), RateLimited, ATTEMPTS),
    "too many requests, come back at once": Fault(fails(429, REPEATING, retry_after="0"), RateLimited, ATTEMPTS),
    "too many requests, come back in an hour": Fault(fails(429, REPEATING, retry_after="3600"), RateLimited, 1),
    "a server that fails": Fault(fails(500, REPEATING), Unreachable, ATTEMPTS),
    "a server that is busy": Fault(fails(503, REPEATING), Unreachable, ATTEMPTS),
    "a server that is overloaded": Fault(fails(529, REPEATING), Unreachable, ATTEMPTS),
    "a gateway that waits no longer": Fault(fails(504, CANARY), Unreachable, ATTEMPTS),
    "a conflict": Fault(fails(409, REPEATING), Unreachable, ATTEMPTS),
    "a server that sends elsewhere": Fault(fails(302, REPEATING, location="http://127.0.0.1:1/"), Unreachable, ATTEMPTS),
    "an answer that breaks off": Fault(breaks_off, Unreachable, ATTEMPTS),
    "a body that is no JSON": Fault(writes(f"{{{CANARY}"), Unreachable, ATTEMPTS),
    "a page in place of JSON": Fault(writes(f"<html>{CANARY}</html>", "text/html"), Unreachable, ATTEMPTS),
    "JSON of another kind": Fault(writes(f'["{CANARY}"]'), Unreachable, ATTEMPTS),
    "an object of another kind": Fault(writes(f'{{"said": "{CANARY}"}}'), Unreachable, ATTEMPTS),
    "a text in place of an object": Fault(writes(f'"{CANARY}"'), Unreachable, ATTEMPTS),
    "an answer without choices": Fault(
        writes('{"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": []}'), Unreachable, ATTEMPTS
    ),
    "a model that will not speak of this": Fault(says("", finish="content_filter"), Refused),
    "an answer that is too long": Fault(says('{"values": [', finish="length"), OverBudget),
    "no text at all": Fault(says(""), UnusableAnswer, 2),
    "prose": Fault(says(f"I think it is {CANARY}."), UnusableAnswer, 2),
    "half of the JSON": Fault(says('{"values": [{"field_name": "contact"'), UnusableAnswer, 2),
    "a wrong shape, twice": Fault(says(found(confidence=2)), UnusableAnswer, 2),
    "a source that does not exist": Fault(says(found(source_id="s2")), UnusableAnswer, 2),
    "a source by an id of ours": Fault(says(found(source_id="message-0")), UnusableAnswer, 2),
    "a character that cannot be kept": Fault(says(found(f"{CANARY}\x00")), UnusableAnswer, 2),
    "half of a character": Fault(
        says('{"values": [{"field_name": "\\ud800", "value": "", "confidence": 1, "source_id": "s1", "quote": ""}]}'), UnusableAnswer, 2
    ),
}
ANTHROPICS = {
    "a key that is not accepted": FAULTS["a key that is not accepted"],
    "too many requests": FAULTS["too many requests"],
    "a server that is overloaded": FAULTS["a server that is overloaded"],
    "an answer that breaks off": FAULTS["an answer that breaks off"],
    "a body that is no JSON": FAULTS["a body that is no JSON"],
    "a page in place of JSON": FAULTS["a page in place of JSON"],
    "JSON of another kind": FAULTS["JSON of another kind"],
    "an object of another kind": FAULTS["an object of another kind"],
    "a model that will not speak of this": Fault(says("", finish="refusal"), Refused),
    "an answer that is too long": Fault(says({"values": []}, finish="max_tokens"), OverBudget),
    "prose": FAULTS["prose"],
    "a wrong shape, twice": FAULTS["a wrong shape, twice"],
}
CASES = {f"openai: {name}": fault for name, fault in FAULTS.items()} | {
    f"anthropic: {name}": replace(fault, model="anthropic:tester") for name, fault in ANTHROPICS.items()
}


@pytest.mark.parametrize("case", CASES)
async def test_each_fault_is_a_typed_failure_in_bounded_attempts_that_tells_of_nobody(case: str) -> None:
    fault = CASES[case]
    label = {"prompt": "find_values", "outcome": outcome_of(fault.failure())}
    before = counted("factbook_model_tasks_total", **label)
    with all_logged() as logged:
        async with model_server(fault.turn) as server, executor_on(server.choice(fault.model, KEY)) as executor:
            with pytest.raises(LanguageFailure) as raised:
                await executor.execute(about())
    assert type(raised.value) is fault.failure
    assert len(server.asked) == fault.requests
    assert counted("factbook_model_tasks_total", **label) == before + 1
    shown = told(raised.value) + logged.getvalue()
    assert "model_task_failed" in shown
    assert "canary" not in shown


@asynccontextmanager
async def behind_a_proxy(*turns: Turn, limits: Limits = QUICK) -> AsyncIterator[tuple[ModelServer, Proxy, ModelExecutor]]:
    """An executor that reaches its server through a proxy only."""
    async with (
        model_server(*turns) as server,
        proxy_to("127.0.0.1", server.port) as proxy,
        executor_on(server.choice(port=proxy.port, key=KEY), limits) as executor,
    ):
        yield server, proxy, executor


async def test_a_fault_that_passes_is_not_noticed() -> None:
    turns = (fails(500), breaks_off, says(found()))
    async with model_server(*turns) as server, executor_on(server.choice()) as executor:
        reply = await executor.execute(about())
    assert [each.value for each in reply.answer.values] == [CANARY]
    assert len(server.asked) == 3


async def test_a_wrong_shape_is_repaired_once_and_both_answers_are_paid_for() -> None:
    async with model_server(says("what?", usage=(5, 3)), says(found(), usage=(6, 4))) as server, executor_on(server.choice()) as executor:
        reply = await executor.execute(about())
    assert [each.value for each in reply.answer.values] == [CANARY]
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (11, 7)
    assert "An answer that was given before" not in server.asked[0].message
    assert "An answer that was given before" in server.asked[1].message


async def test_a_repair_is_retried_like_any_request() -> None:
    turns = (fails(500), says("what?"), fails(500), fails(503), says(found()))
    async with model_server(*turns) as server, executor_on(server.choice()) as executor:
        await executor.execute(about())
    assert len(server.asked) == len(turns)


async def test_without_retries_there_is_one_request() -> None:
    async with model_server(fails(500)) as server, executor_on(server.choice(), replace(QUICK, retries=0)) as executor:
        with pytest.raises(Unreachable):
            await executor.execute(about())
    assert len(server.asked) == 1


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with model_server(says(found())) as server, executor_on(server.choice(port=port, key=KEY)) as executor:
        with all_logged() as logged, pytest.raises(Unreachable) as raised:
            await executor.execute(about())
    assert "canary" not in told(raised.value) + logged.getvalue()


async def test_a_cut_connection_is_tried_again() -> None:
    async with behind_a_proxy(holds, says(found())) as (server, proxy, executor):
        task = asyncio.create_task(executor.execute(about()))
        await server.came.wait()
        proxy.cut()
        reply = await task
    assert [each.value for each in reply.answer.values] == [CANARY]
    assert len(server.asked) == 2


async def test_a_connection_that_is_cut_every_time_is_unreachable() -> None:
    async with behind_a_proxy(holds) as (server, proxy, executor):
        task = asyncio.create_task(executor.execute(about()))
        for _ in range(ATTEMPTS):
            await server.came.wait()
            server.came.clear()
            proxy.cut()
        with pytest.raises(Unreachable):
            await task
    assert len(server.asked) == ATTEMPTS


async def test_a_key_and_a_task_are_not_sent_elsewhere() -> None:
    async with model_server(says(found())) as elsewhere, model_server() as server, executor_on(server.choice()) as executor:
        server.turns = [fails(307, location=f"http://127.0.0.1:{elsewhere.port}/v1")]
        with pytest.raises(Unreachable):
            await executor.execute(about())
    assert len(server.asked) == ATTEMPTS
    assert elsewhere.asked == []


async def test_a_slow_connection_is_waited_for() -> None:
    async with behind_a_proxy(says(found())) as (server, proxy, executor):
        proxy.delay_seconds = 0.05
        assert (await executor.execute(about())).answer.values
    assert len(server.asked) == 1


@pytest.mark.parametrize("swallows", [True, False], ids=["swallowed without a word", "slower than the task may take"])
async def test_a_server_that_does_not_answer_in_time_is_unreachable(swallows: bool) -> None:
    async with behind_a_proxy(holds, limits=MOMENT) as (_, proxy, executor):
        proxy.swallows = swallows
        with all_logged() as logged, pytest.raises(Unreachable) as raised:
            await executor.execute(about())
        assert "canary" not in told(raised.value) + logged.getvalue()
    assert proxy.connections == 1


async def test_waiting_between_retries_ends_with_the_time_of_the_task() -> None:
    limits = Limits(seconds=5.0, retries=10, first_wait_seconds=20.0)
    async with model_server(fails(503)) as server, executor_on(server.choice(), limits) as executor:
        with pytest.raises(Unreachable):
            await executor.execute(about())
    assert len(server.asked) == 1  # the first wait would last longer than the task may


async def test_a_cancelled_task_leaves_the_executor_as_it_was() -> None:
    limits = replace(QUICK, hourly_tokens=20_000)  # of which one request sets aside about a third
    before = counted("factbook_model_tasks_total", prompt="find_values", outcome="cancelled")
    async with model_server(holds) as server, executor_on(server.choice(), limits) as executor:
        for _ in range(3):
            server.came.clear()
            task = asyncio.create_task(executor.execute(about()))
            await server.came.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        server.turns = [says(found())]
        assert (await executor.execute(about())).answer.values
    assert counted("factbook_model_tasks_total", prompt="find_values", outcome="cancelled") == before + 3


async def test_many_tasks_at_once_do_not_mix_their_answers() -> None:
    async with model_server(says(found())) as server, executor_on(server.choice()) as executor:
        replies = await asyncio.gather(*(executor.execute(about(f"number {number} {CANARY}")) for number in range(20)))
    assert len(server.asked) == len(replies) == 20
    assert len({asked.message for asked in server.asked}) == 20
