"""What goes to each kind of server and what comes back, on real HTTP."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from factbook.language import FindRequirements, FoundRequirement, FoundValue, FoundValues, Source, SuggestDefinitions, Usage, WantedField
from tests.language.model_server import INPUT_TOKENS, OUTPUT_TOKENS, model_server, says
from tests.language.model_world import CANARY, QUICK, about, counted, executor_on, found

PATHS = {"openai:tester": "/v1/chat/completions", "ollama:tester": "/v1/chat/completions", "anthropic:tester": "/v1/messages"}


@pytest.mark.parametrize("model", PATHS)
async def test_a_task_is_answered_by_each_kind_of_server(model: str) -> None:
    async with model_server(says(found())) as server, executor_on(server.choice(model)) as executor:
        reply = await executor.execute(about())
    assert reply.answer == FoundValues(values=[FoundValue(field_name="contact", value=CANARY, confidence=0.97, source_id="message-0", quote=CANARY)])
    assert (reply.extractor, executor.extractor) == (model, model)
    assert reply.prompt_version.startswith("find_values.v1+")
    assert reply.usage == Usage(INPUT_TOKENS, OUTPUT_TOKENS)
    (asked,) = server.asked
    assert asked.path == PATHS[model]
    assert "authorization: bearer a-key" in asked.head.lower() or "x-api-key: a-key" in asked.head.lower()
    assert (asked.body["model"], asked.body["temperature"], asked.body["stream"]) == ("tester", 0.0, False)
    assert QUICK.output_tokens in (asked.body.get("max_tokens"), asked.body.get("max_completion_tokens"))


@pytest.mark.parametrize("model", PATHS)
async def test_the_answer_may_only_refer_to_sources_of_the_task(model: str) -> None:
    async with model_server(says(found())) as server, executor_on(server.choice(model)) as executor:
        await executor.execute(about("one", "two", "three"))
    assert server.asked[0].schema["$defs"]["FoundValue"]["properties"]["source_id"] == {"type": "string", "enum": ["s1", "s2", "s3"]}


@pytest.mark.parametrize("model", PATHS)
async def test_an_answer_written_as_a_text_is_read_whatever_stands_around_it(model: str) -> None:
    async with model_server(says(f"Here it is:\n```json\n{json.dumps(found())}\n```\n")) as server, executor_on(server.choice(model)) as executor:
        reply = await executor.execute(about())
    assert [each.value for each in reply.answer.values] == [CANARY]


async def test_a_server_without_a_key_is_sent_none_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "OLLAMA_API_KEY"):
        monkeypatch.setenv(name, "canary-of-the-environment")
    for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "OLLAMA_BASE_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with model_server(says(found())) as server:
        for model in PATHS:
            async with executor_on(server.choice(model, key=None)) as executor:
                await executor.execute(about())
    assert len(server.asked) == len(PATHS)
    assert all("canary" not in asked.head for asked in server.asked)


async def test_the_other_fields_of_a_task_travel_as_data_with_the_names_of_their_sources() -> None:
    required = FoundRequirement(name="order_number", display_name="Order", source_id="step-7", quote="order number")
    task = SuggestDefinitions((Source("entry", "Refunds"), Source("step-7", "Ask for the order number")), (required,))
    answer = {"definitions": [{"name": "order_number", "display_name": "Order", "value_type": "string", "collection_prompt": "Which order?"}]}
    async with model_server(says(answer)) as server, executor_on(server.choice()) as executor:
        reply = await executor.execute(task)
    assert [each.name for each in reply.answer.definitions] == ["order_number"]
    data = json.loads(server.asked[0].message.split("\n")[1])
    assert [source["id"] for source in data["sources"]] == ["s1", "s2"]
    assert [(field["name"], field["source_id"]) for field in data["fields"]] == [("order_number", "s2")]
    assert "step-7" not in server.asked[0].raw.decode()


async def test_a_source_tells_its_weekday_and_who_speaks_and_what_is_not_set_is_left_out() -> None:
    sources = (Source("a", "Which day?", by_customer=False), Source("b", "Tomorrow", datetime(2026, 11, 22, 10, 30, tzinfo=UTC)))
    async with model_server(says({"fields": []})) as server, executor_on(server.choice()) as executor:
        await executor.execute(FindRequirements(sources, (WantedField("city"),)))
    data = json.loads(server.asked[0].message.split("\n")[1])
    assert data == {
        "sources": [
            {"id": "s1", "by_customer": False, "text": "Which day?"},
            {"id": "s2", "by_customer": True, "said_at": "2026-11-22T10:30+00:00, Sunday", "text": "Tomorrow"},
        ],
        "known": [{"name": "city", "value_type": "string"}],
    }


async def test_a_task_without_sources_can_be_asked() -> None:
    async with model_server(says({"definitions": []})) as server, executor_on(server.choice()) as executor:
        assert (await executor.execute(SuggestDefinitions((), ()))).answer.definitions == []


async def test_tasks_requests_and_tokens_are_counted_by_prompt_and_outcome() -> None:
    names = ("factbook_model_tasks_total", "factbook_model_requests_total", "factbook_model_task_seconds_count")
    before = [counted(name, prompt="find_values", outcome="answered") for name in names]
    tokens = [counted(f"factbook_model_{way}_tokens_total", prompt="find_values") for way in ("input", "output")]
    async with model_server(says(found())) as server, executor_on(server.choice()) as executor:
        await executor.execute(about())
    assert [counted(name, prompt="find_values", outcome="answered") for name in names] == [each + 1 for each in before]
    assert counted("factbook_model_input_tokens_total", prompt="find_values") == tokens[0] + INPUT_TOKENS
    assert counted("factbook_model_output_tokens_total", prompt="find_values") == tokens[1] + OUTPUT_TOKENS


# Models that reason refuse a temperature, and their library would warn on every request; a warning fails a test.
@pytest.mark.parametrize("model", ["openai:gpt-5.6-sol", "openai:gpt-6.1-terra", "openai:o3", "openai:gpt-4o-mini", "anthropic:claude-haiku-4-5"])
@pytest.mark.parametrize("is_own_server", [True, False], ids=["own server", "public server"])
async def test_known_models_are_asked_without_a_warning(model: str, is_own_server: bool) -> None:
    async with model_server(says(found())) as server, executor_on(replace(server.choice(model), is_own_server=is_own_server)) as executor:
        await executor.execute(about())
    assert len(server.asked) == 1
