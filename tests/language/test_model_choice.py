"""Settings name a model, or say in one sentence why they cannot."""

import pytest

from factbook.language.models import ModelChoice, model_choice
from factbook.language.models.choice import Provider

CANARY = "canary"


def test_no_model_is_named() -> None:
    assert model_choice(None) is None


@pytest.mark.parametrize(
    ("model", "url", "address"),
    [
        ("openai:gpt", None, "https://api.openai.com/v1"),
        ("anthropic:claude", None, "https://api.anthropic.com"),
        ("ollama:qwen3:8b", None, "http://127.0.0.1:11434/v1"),
        ("openai:org/some-model", "http://vllm:8000", "http://vllm:8000/v1"),
        ("openai:m", "https://gateway.example.com/models/v3/", "https://gateway.example.com/models/v3"),
        ("ollama:m", "http://[::1]:11434/", "http://[::1]:11434/v1"),
        ("anthropic:m", "https://proxy.example.com/v1", "https://proxy.example.com"),
        ("anthropic:m", "https://proxy.example.com/anthropic", "https://proxy.example.com/anthropic"),
    ],
)
def test_a_model_and_its_address(model: str, url: str | None, address: str) -> None:
    choice = model_choice(model, url, "a-key")
    provider, _, name = model.partition(":")
    assert choice == ModelChoice(Provider(provider), name, address, "a-key", is_own_server=url is not None)
    assert str(choice) == model


@pytest.mark.parametrize("model", ["ollama:m", "openai:m", "anthropic:m"])
def test_a_server_of_ones_own_may_want_no_key(model: str) -> None:
    choice = model_choice(model, "http://127.0.0.1:8000")
    assert choice is not None
    assert choice.key is None


WRONG: dict[str, tuple[tuple[str | None, str | None, str | None], str]] = {
    "no provider": (("gpt", None, CANARY), "FACTBOOK_MODEL "),
    "a provider that is not known": (("mistral:m", None, CANARY), "FACTBOOK_MODEL "),
    "no name": (("openai:", None, CANARY), "FACTBOOK_MODEL "),
    "a name with spaces": (("openai:a b", None, CANARY), "FACTBOOK_MODEL "),
    "a name with a line feed": (("openai:a\n", None, CANARY), "FACTBOOK_MODEL "),
    "a name that is a text": (("openai:" + "a" * 201, None, CANARY), "FACTBOOK_MODEL "),
    "no key for a public server": (("openai:m", None, None), "FACTBOOK_MODEL_KEY"),
    "no key for another public server": (("anthropic:m", None, None), "FACTBOOK_MODEL_KEY"),
    "a key with a line feed": (("openai:m", None, f"{CANARY}\n"), "FACTBOOK_MODEL_KEY"),
    "a key that is a text": (("openai:m", None, f"{CANARY} {CANARY}"), "FACTBOOK_MODEL_KEY"),
    "an empty key": (("openai:m", None, ""), "FACTBOOK_MODEL_KEY"),
    "a key and no model": ((None, None, CANARY), "FACTBOOK_MODEL_KEY"),
    "an address and no model": ((None, f"http://{CANARY}", None), "FACTBOOK_MODEL_URL"),
    "an address of another kind": (("openai:m", f"ftp://{CANARY}", None), "FACTBOOK_MODEL_URL"),
    "an address without a host": (("openai:m", "http:///v1", None), "FACTBOOK_MODEL_URL"),
    "an address with a user": (("openai:m", f"http://{CANARY}:{CANARY}@host/v1", None), "FACTBOOK_MODEL_URL"),
    "an address with a query": (("openai:m", f"http://host/v1?key={CANARY}", None), "FACTBOOK_MODEL_URL"),
    "an address with a port that is none": (("openai:m", f"http://host:{CANARY}", None), "FACTBOOK_MODEL_URL"),
    "an address with a space": (("openai:m", f"http://host/{CANARY} v1", None), "FACTBOOK_MODEL_URL"),
    "no address": (("openai:m", CANARY, None), "FACTBOOK_MODEL_URL"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_used_is_told_without_what_it_is(what: str) -> None:
    (model, url, key), named = WRONG[what]
    with pytest.raises(ValueError, match=named) as refused:
        model_choice(model, url, key)
    assert CANARY not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_key_is_not_shown() -> None:
    assert CANARY not in repr(model_choice("openai:m", None, CANARY))
