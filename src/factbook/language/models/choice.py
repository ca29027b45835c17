"""Which model does the work, and what it may cost. Reads settings, connects to nothing; no message holds a key or an address."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

# A text in a log line, a label of a value and a JSON string: printable, without spaces, and no longer than any name that is in use.
_NAME = re.compile(r"[!-~]{1,200}")
# What may stand in a header after "Bearer ".
_KEY = re.compile(r"[!-~]{1,4096}")


class Provider(StrEnum):
    """Whose way of speaking the model's server understands."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    OLLAMA = "ollama"


_OWN_URLS = {
    Provider.OPENAI: "https://api.openai.com/v1",
    Provider.ANTHROPIC: "https://api.anthropic.com",
    Provider.OLLAMA: "http://127.0.0.1:11434/v1",
}
_FORMS = " or ".join(f"{provider}:NAME" for provider in Provider)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one task may cost, retries and repair included, and what a process may spend in an hour."""

    seconds: float = 25.0
    retries: int = 2
    output_tokens: int = 4000
    task_tokens: int = 20_000
    hourly_tokens: int | None = None
    first_wait_seconds: float = 0.5


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model by its name, where its server is, and the key to it. `is_own_server` is false for the provider's public one."""

    provider: Provider
    name: str
    url: str
    key: str | None = field(default=None, repr=False)
    is_own_server: bool = False

    def __str__(self) -> str:
        """As settings name it and as values tell who extracted them: `provider:name`."""
        return f"{self.provider}:{self.name}"


def model_choice(model: str | None, url: str | None = None, key: str | None = None) -> ModelChoice | None:
    """The model that these settings name, or None when they name none. `ValueError` says in one sentence why they cannot be used.

    `model` is `openai:NAME`, `anthropic:NAME` or `ollama:NAME`; `url` a server that speaks as this provider does, its path `/v1` where it gives none.
    """
    if model is None:
        if url is not None or key is not None:
            raise ValueError(f"FACTBOOK_MODEL_{'URL' if url is not None else 'KEY'} is set, but FACTBOOK_MODEL names no model")
        return None
    provider, name = _provider_and_name(model)
    if key is not None and not _KEY.fullmatch(key):
        raise ValueError("FACTBOOK_MODEL_KEY holds a character that no key has, such as a space or a line feed")
    if key is None and url is None and provider is not Provider.OLLAMA:
        raise ValueError(f"FACTBOOK_MODEL_KEY is missing: the server of {provider} wants one, unless FACTBOOK_MODEL_URL names another server")
    own_url = None if url is None else _checked_url(url, provider)
    return ModelChoice(provider, name, own_url or _OWN_URLS[provider], key, is_own_server=own_url is not None)


def _provider_and_name(model: str) -> tuple[Provider, str]:
    provider, colon, name = model.partition(":")
    if not colon or provider not in set(Provider) or not _NAME.fullmatch(name):
        raise ValueError(f"FACTBOOK_MODEL is not {_FORMS}, with the name of a model in place of NAME")
    return Provider(provider), name


def _checked_url(url: str, provider: Provider) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port  # a port that is none raises
    except ValueError:
        parts, host = SplitResult("", "", "", "", ""), ""
    if parts.scheme not in ("http", "https") or not host or not _NAME.fullmatch(url) or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("FACTBOOK_MODEL_URL is no address as https://host:port/v1, without a user, a query or a fragment")
    path = parts.path.rstrip("/")
    if provider is Provider.ANTHROPIC:
        path = path.removesuffix("/v1")  # its client adds this itself
    return parts._replace(path=path or ("" if provider is Provider.ANTHROPIC else "/v1")).geturl()
