"""Opens the model that was chosen. The library behind it takes a second to import, so nothing imports this until a model is named."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from anthropic import AsyncAnthropic
from httpx2 import AsyncClient, Timeout
from openai import AsyncOpenAI
from pydantic_ai.models import Model, create_async_httpx2_client
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.ollama import OllamaModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles import ModelProfile
from pydantic_ai.profiles.openai import OpenAIModelProfile, openai_model_profile
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.ollama import OllamaProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.settings import ModelSettings

from factbook.language.models.choice import Limits, ModelChoice, Provider

# Stands where a key must, for servers that want none. Without one the clients take a key from the environment that is meant for another server.
NO_KEY = "none"

# A server that does not even take a connection is tried again while the task still has time.
_CONNECT_SECONDS = 5.0

# What servers of open models have in common: they bind the answer to a schema without showing it to the model, take one system message, and know the
# number of tokens to write under its older name.
_OWN_SERVER = OpenAIModelProfile(
    supports_json_schema_output=True,
    native_output_requires_schema_in_instructions=True,
    openai_chat_supports_multiple_system_messages=False,
    openai_chat_supports_max_completion_tokens=False,
)


@dataclass(frozen=True, slots=True)
class OpenModel:
    """A model that can be asked. `calls_a_tool`: it answers by calling a tool, else with a JSON text of a given schema."""

    model: Model
    settings: ModelSettings
    calls_a_tool: bool


@asynccontextmanager
async def opened_model(choice: ModelChoice, limits: Limits) -> AsyncIterator[OpenModel]:
    """The model while the block lasts, with connections of its own. Nothing is connected to before it is asked."""
    async with create_async_httpx2_client(timeout=Timeout(limits.seconds, connect=min(_CONNECT_SECONDS, limits.seconds))) as client:
        model = _model(choice, client)
        # Anthropic's own way of giving a schema knows no open objects, and values may be such.
        writes_json = choice.provider is not Provider.ANTHROPIC and model.profile.get("supports_json_schema_output", False)
        yield OpenModel(model, _settings(model, limits), calls_a_tool=not writes_json)


def _model(choice: ModelChoice, http: AsyncClient) -> Model:
    if choice.provider is Provider.ANTHROPIC:
        anthropic = AsyncAnthropic(base_url=choice.url, api_key=choice.key or NO_KEY, http_client=http, max_retries=0)
        return AnthropicModel(choice.name, provider=AnthropicProvider(anthropic_client=anthropic))
    client = AsyncOpenAI(base_url=choice.url, api_key=choice.key or NO_KEY, http_client=http, max_retries=0)
    client.organization = client.project = None  # taken from the environment otherwise, whatever server this is for
    if choice.provider is Provider.OLLAMA:
        return OllamaModel(choice.name, provider=OllamaProvider(openai_client=client))
    if not choice.is_own_server:
        return OpenAIChatModel(choice.name, provider=OpenAIProvider(openai_client=client))
    # A server of one's own may pass a model of OpenAI's on, which has ways of its own.
    profile = ModelProfile() if openai_model_profile(choice.name).get("openai_supports_reasoning") else _OWN_SERVER
    return OpenAIChatModel(choice.name, provider=OpenAICompatibleProvider("openai-compatible", openai_client=client, profile=profile))


def _settings(model: Model, limits: Limits) -> ModelSettings:
    """No reasoning aloud, which costs tokens that nobody reads, and a steady answer."""
    settings = ModelSettings(max_tokens=limits.output_tokens, timeout=limits.seconds, thinking=False)
    if _takes_temperature(model.profile):
        settings["temperature"] = 0.0
    return settings


def _takes_temperature(profile: Mapping[str, Any]) -> bool:
    """Whether the model can be told to be steady. The library would leave it out and warn on every request."""
    if profile.get("anthropic_disallows_sampling_settings", False):
        return False
    if not profile.get("openai_supports_reasoning", False):
        return True
    efforts = profile.get("openai_reasoning_efforts")
    may_not_reason = profile.get("openai_supports_reasoning_effort_none", False) if efforts is None else "none" in efforts
    return may_not_reason and not profile.get("thinking_always_enabled", False)
