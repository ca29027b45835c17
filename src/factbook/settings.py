"""Every setting of Factbook, read once at the composition root: environment variables `FACTBOOK_*`, over a TOML file, over defaults.

`docs/reference/settings.md` describes each of them; a test keeps the two in step.
"""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

MEBIBYTE = 1024 * 1024
SWITCHED_OFF = "off"  # a schedule that is not wanted; an empty variable counts as unset
# An IPv6 address stands in brackets.
_HOST_AND_PORT = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s,:\[\]]+):[0-9]{1,5}")


def _hosts_and_ports(text: str) -> str:
    if not all(_HOST_AND_PORT.fullmatch(pair.strip()) for pair in text.split(",") if text.strip()):
        raise ValueError("not a list of host:port pairs with commas between them")
    return text


class Settings(BaseSettings):
    """The settings of one process. Unknown keys in the TOML file are refused, so a misspelt setting does not pass in silence."""

    model_config = SettingsConfigDict(env_prefix="FACTBOOK_", toml_file="factbook.toml", env_ignore_empty=True, extra="forbid", frozen=True)

    host: Annotated[str, Field(description="Address the HTTP server listens on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="Port the HTTP server listens on.")] = 8000
    workers: Annotated[int, Field(ge=1, le=64, description="HTTP processes.")] = 1
    data_dir: Annotated[Path, Field(description="Folder of the embedded database and of local files.")] = Path("factbook-data")
    database_url: Annotated[str | None, Field(description="A PostgreSQL server of your own; its role may create roles and a schema.")] = None
    database_role_secret: Annotated[str | None, Field(description="Secret from which the passwords of the database roles are derived.")] = None
    postgres_binaries: Annotated[Path | None, Field(description="Folder of PostgreSQL programs to run in place of the ones that come along.")] = None
    database_pool_size: Annotated[int, Field(ge=1, le=200, description="Connections per role and HTTP process, at most.")] = 10
    master_keys: Annotated[SecretStr | None, Field(description="Master keys, one on each line; the first wraps the keys of new customers.")] = None
    master_keys_file: Annotated[Path | None, Field(description="A file that holds the master keys, unless they are given themselves.")] = None
    redis_url: Annotated[str | None, Field(description="A Redis or Valkey server that the HTTP processes share as a second tier of their cache.")] = (
        None
    )
    cache_enabled: Annotated[bool, Field(description="Whether HTTP processes keep what they read until it changes.")] = True
    profile_cache_seconds: Annotated[int, Field(ge=1, description="How long the shared tier keeps a profile.")] = 1800
    schema_cache_seconds: Annotated[int, Field(ge=1, description="How long the shared tier keeps definitions and requirements.")] = 3600
    model: Annotated[str | None, Field(description="A model that reads texts: `openai:NAME`, `anthropic:NAME` or `ollama:NAME`.")] = None
    model_url: Annotated[str | None, Field(description="A server of your own that speaks as the model's provider does.")] = None
    model_key: Annotated[SecretStr | None, Field(description="Key to the model's server.")] = None
    model_timeout_seconds: Annotated[float, Field(gt=0, le=3600, description="A task that a model has not done after this long has failed.")] = 25.0
    model_retries: Annotated[int, Field(ge=0, le=10, description="How often a request to a model is made again after a failure that may pass.")] = 2
    model_output_tokens: Annotated[int, Field(ge=100, description="Tokens of a model's answer, at most.")] = 4000
    model_budget_tokens: Annotated[int, Field(ge=1000, description="Tokens that one task may cost, read and written.")] = 20_000
    model_hourly_tokens: Annotated[int | None, Field(ge=1000, description="Tokens that each process may spend in an hour.")] = None
    gap_fill_extraction_enabled: Annotated[bool, Field(description="Whether filling gaps looks for values in messages.")] = True
    gap_fill_extraction_confidence_threshold: Annotated[float, Field(ge=0, le=1, description="A value found with less confidence fills no gap.")] = (
        0.85
    )
    gap_fill_confirmation_threshold: Annotated[float, Field(ge=0, le=1, description="A value found with less confidence requires confirmation.")] = (
        0.95
    )
    gap_fill_max_conversation_turns: Annotated[int, Field(ge=1, le=200, description="Messages that filling gaps looks at, the last ones.")] = 20
    gap_fill_max_characters: Annotated[
        int, Field(ge=1000, le=2_000_000, description="Characters of those messages that filling gaps looks at, the last messages first.")
    ] = 50_000
    gap_fill_timeout_seconds: Annotated[float, Field(gt=0, description="How long messages are looked at before nothing was found in them.")] = 27.0
    agent_max_scenarios: Annotated[int, Field(ge=1, le=10_000, description="Scenarios that an agent may have.")] = 500
    agent_max_rules: Annotated[int, Field(ge=1, le=10_000, description="Rules that an agent may have.")] = 500
    persona_timeout_seconds: Annotated[float, Field(gt=0, description="How long one request may compute a persona before a job goes on with it.")] = (
        27.0
    )
    content_url: Annotated[str | None, Field(description="Where assets are kept: `s3://bucket/prefix` or `file:///folder`.")] = None
    asset_max_bytes: Annotated[int, Field(ge=1, description="Largest asset accepted.")] = 50 * MEBIBYTE
    body_max_bytes: Annotated[int, Field(ge=1024, description="Largest request body accepted.")] = 16 * MEBIBYTE
    serve_worker: Annotated[bool, Field(description="Whether `factbook serve` has a worker beside its HTTP processes.")] = True
    worker_concurrency: Annotated[int, Field(ge=1, le=100, description="Jobs that a worker runs at once, at most.")] = 10
    worker_metrics_port: Annotated[
        int | None, Field(ge=1, le=65535, description="Port at which `factbook worker` tells its metrics and whether it is alive.")
    ] = None
    worker_metrics_host: Annotated[str, Field(description="Address of that port.")] = "127.0.0.1"
    cron_expire_fields: Annotated[str, Field(description="When items past their time are marked, as a cron expression in UTC.")] = "*/5 * * * *"
    cron_detect_orphans: Annotated[str, Field(description="When items without their source are marked.")] = "*/15 * * * *"
    cron_restore_audit_events: Annotated[str, Field(description="When audit events that are missing are restored.")] = "17 3 * * *"
    cron_forget_jobs: Annotated[str, Field(description="When jobs that were done are forgotten.")] = "41 * * * *"
    jobs_keep_days: Annotated[int, Field(ge=1, description="How long a job that was done stays on record.")] = 7
    hatchet_address: Annotated[
        str | None, Field(pattern=r"^[^\s/:]+:\d{1,5}$", description="The gRPC address, host:port, of a Hatchet engine that is to run the jobs.")
    ] = None
    hatchet_token: Annotated[SecretStr | None, Field(description="A token of the Hatchet tenant in which the jobs run.")] = None
    hatchet_tls: Annotated[bool, Field(description="Whether the engine is spoken to over TLS.")] = True
    request_timeout_seconds: Annotated[float, Field(gt=0, description="A request still running after this long is ended.")] = 30.0
    shutdown_seconds: Annotated[int, Field(ge=1, description="Time that running requests get to finish at shutdown.")] = 15
    fetch_allowed_hosts: Annotated[str, AfterValidator(_hosts_and_ports), Field(description="Hosts that may be fetched from although private.")] = ""
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$", description="Least level that is logged.")] = "info"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then the TOML file; no `.env` files and no secret folders."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)
