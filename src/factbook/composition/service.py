"""What the service is made of: which jobs there are and what they work with, the keys that seal, who reads texts, and how far each may go."""

from factbook.cache import Limits
from factbook.conversations.jobs import jobs as conversation_jobs
from factbook.database.pools import Database
from factbook.jobs import Keeping, Registry, Tools, forget_done_jobs, is_schedule
from factbook.jobs.hatchet import Engine
from factbook.language import LLMExecutor
from factbook.language.models import Limits as ModelLimits
from factbook.language.models import ModelChoice, model_choice
from factbook.persona import Backend as PersonaBackend
from factbook.persona import persona_backend
from factbook.persona.jobs import jobs as persona_jobs
from factbook.profile import Backend, MasterKeys, master_keys
from factbook.profile.jobs import jobs as profile_jobs
from factbook.scenarios import DesignLimits, GapFillLimits
from factbook.scenarios.jobs import jobs as scenario_jobs
from factbook.settings import SWITCHED_OFF, Settings

# The settings of the schedules, by the names of their jobs.
_SCHEDULES = {
    "expire_stale_fields": "cron_expire_fields",
    "detect_orphaned_items": "cron_detect_orphans",
    "restore_audit_events": "cron_restore_audit_events",
    "restore_person_events": "cron_restore_audit_events",
    "forget_done_jobs": "cron_forget_jobs",
}


def keys_that_seal(settings: Settings) -> MasterKeys:
    """The master keys of these settings. `ValueError` says in plain words why there are none to use."""
    given = settings.master_keys.get_secret_value() if settings.master_keys else None
    return master_keys(given, settings.master_keys_file, settings.data_dir)


def job_registry(settings: Settings) -> Registry:
    """Every job there is, with the schedules of these settings. `ValueError` names the setting that is no schedule."""
    crons: dict[str, str] = {}
    for name, setting in _SCHEDULES.items():
        cron: str = getattr(settings, setting)
        crons[name] = "" if cron == SWITCHED_OFF else cron
        if crons[name] and not is_schedule(cron):
            raise ValueError(f"setting FACTBOOK_{setting.upper()}: neither a cron expression that is ever due nor {SWITCHED_OFF}")
    return Registry((*profile_jobs, *conversation_jobs, *scenario_jobs, *persona_jobs, forget_done_jobs), crons)


def job_tools(settings: Settings, database: Database, masters: MasterKeys, language: LLMExecutor) -> Tools:
    """What jobs work with. A worker keeps nothing in a cache, and tells those of other processes what it changed; it computes as long as it takes."""
    return {
        Database: database,
        Backend: Backend(database, masters),
        PersonaBackend: persona_backend(database, language),
        LLMExecutor: language,
        Keeping: Keeping(settings.jobs_keep_days),
    }


def model_of(settings: Settings) -> ModelChoice | None:
    """The model that these settings name, or None: rules do its work. `ValueError` says in one sentence why it cannot be used."""
    choice = model_choice(settings.model, settings.model_url, settings.model_key.get_secret_value() if settings.model_key else None)
    if choice is not None and settings.model_budget_tokens <= settings.model_output_tokens:
        raise ValueError("FACTBOOK_MODEL_BUDGET_TOKENS leaves nothing to read beside FACTBOOK_MODEL_OUTPUT_TOKENS")
    return choice


def model_limits(settings: Settings) -> ModelLimits:
    """What a task of a model may cost."""
    return ModelLimits(
        seconds=settings.model_timeout_seconds,
        retries=settings.model_retries,
        output_tokens=settings.model_output_tokens,
        task_tokens=settings.model_budget_tokens,
        hourly_tokens=settings.model_hourly_tokens,
    )


def engine_of(settings: Settings) -> Engine | None:
    """The Hatchet engine of these settings, if there is one. `ValueError` says in plain words what is missing."""
    if settings.hatchet_address is None:
        return None
    if settings.hatchet_token is None:
        raise ValueError("FACTBOOK_HATCHET_ADDRESS names an engine, and FACTBOOK_HATCHET_TOKEN is not set")
    return Engine(settings.hatchet_address, settings.hatchet_token, settings.hatchet_tls)


def cache_limits(settings: Settings) -> Limits:
    """How long the shared tier of the cache keeps what it was given."""
    seconds = {"profile": settings.profile_cache_seconds}
    return Limits(shared_seconds=seconds | dict.fromkeys(("field_defs", "scenario_reqs"), settings.schema_cache_seconds))


def design_limits(settings: Settings) -> DesignLimits:
    """How many scenarios and rules an agent may have."""
    return DesignLimits(scenarios=settings.agent_max_scenarios, rules=settings.agent_max_rules)


def gap_fill_limits(settings: Settings) -> GapFillLimits:
    """How far a conversation is believed."""
    return GapFillLimits(
        extraction_enabled=settings.gap_fill_extraction_enabled,
        extraction_confidence=settings.gap_fill_extraction_confidence_threshold,
        confirmation=settings.gap_fill_confirmation_threshold,
        turns=settings.gap_fill_max_conversation_turns,
        characters=settings.gap_fill_max_characters,
        seconds=settings.gap_fill_timeout_seconds,
    )
