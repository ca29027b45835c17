"""The composition root of the HTTP service: settings are read once, pools are opened, the domains are put behind one edge."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from factbook import __version__
from factbook.access import settings_router
from factbook.cache import Cache, Limits
from factbook.content import content_store
from factbook.conversations import routers as conversation_routers
from factbook.conversations.jobs import jobs as conversation_jobs
from factbook.database.migrate import newest_revision
from factbook.database.opening import Place, running_database
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.edge import configure_logging, install
from factbook.edge.audit import audit_router
from factbook.edge.description import describe
from factbook.edge.documentation import add_documentation
from factbook.edge.health import health_router
from factbook.edge.parent import end_with_parent
from factbook.history import routers as history_routers
from factbook.identity import routers as identity_routers
from factbook.jobs import Keeping, Registry, Tools, forget_done_jobs
from factbook.jobs.hatchet import Engine
from factbook.language import LLMExecutor
from factbook.language.composition import executor_of
from factbook.language.models import Limits as ModelLimits
from factbook.language.models import ModelChoice, model_choice
from factbook.persona import persona_backend
from factbook.persona import routers as persona_routers
from factbook.profile import ASSETS_PATH, FORM_OVERHEAD_BYTES, Backend, MasterKeys, master_keys
from factbook.profile import routers as profile_routers
from factbook.profile.jobs import jobs as profile_jobs
from factbook.scenarios import GapFillLimits
from factbook.scenarios import routers as scenario_routers
from factbook.scenarios.jobs import jobs as scenario_jobs
from factbook.settings import SWITCHED_OFF, Settings


def database_place(settings: Settings) -> Place:
    """Where these settings say the database is."""
    return Place(settings.data_dir, settings.database_url, settings.database_role_secret, settings.postgres_binaries)


def keys_that_seal(settings: Settings) -> MasterKeys:
    """The master keys of these settings. `ValueError` says in plain words why there are none to use."""
    given = settings.master_keys.get_secret_value() if settings.master_keys else None
    return master_keys(given, settings.master_keys_file, settings.data_dir)


def job_registry(settings: Settings) -> Registry:
    """Every job there is, with the schedules of these settings. `ValueError` says in plain words which schedule is none."""
    crons = {
        "expire_stale_fields": settings.cron_expire_fields,
        "detect_orphaned_items": settings.cron_detect_orphans,
        "restore_audit_events": settings.cron_restore_audit_events,
        "forget_done_jobs": settings.cron_forget_jobs,
    }
    jobs = (*profile_jobs, *conversation_jobs, *scenario_jobs, forget_done_jobs)
    return Registry(jobs, {name: "" if cron == SWITCHED_OFF else cron for name, cron in crons.items()})


def job_tools(settings: Settings, database: Database, masters: MasterKeys, language: LLMExecutor) -> Tools:
    """What jobs work with. A worker keeps nothing in a cache, and tells those of other processes what it changed."""
    return {Database: database, Backend: Backend(database, masters), LLMExecutor: language, Keeping: Keeping(settings.jobs_keep_days)}


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


def _limits(settings: Settings) -> Limits:
    seconds = {"profile": settings.profile_cache_seconds}
    return Limits(shared_seconds=seconds | dict.fromkeys(("field_defs", "scenario_reqs"), settings.schema_cache_seconds))


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


def create_app(settings: Settings, urls: DatabaseUrls) -> FastAPI:
    """The service on a database that runs and is migrated. `ValueError` says why master keys, the model or an engine cannot be used."""
    masters, model = keys_that_seal(settings), model_of(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.database = await Database.open(urls, settings.database_pool_size)
        app.state.cache = await Cache.open(urls.reader, settings.redis_url, _limits(settings)) if settings.cache_enabled else None
        app.state.content = content_store(settings.content_url, settings.data_dir)
        app.state.profile_backend = Backend(app.state.database, masters, app.state.cache)
        try:
            async with executor_of(model, model_limits(settings)) as app.state.language:
                app.state.persona_backend = persona_backend(app.state.database, app.state.language)
                yield
        finally:
            if app.state.cache is not None:
                await app.state.cache.close()
            await app.state.database.close()

    app = FastAPI(
        title="Factbook",
        version=__version__,
        summary="Customer memory with receipts.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would be made from the Host header and be no problem
        telemetry={"tracing": False, "metrics": False, "logs": False},  # FastAPI's own would carry queries and error texts outside
    )
    app.state.newest_revision = newest_revision()
    app.state.has_engine = engine_of(settings) is not None
    # In the order in which they are looked through for each request: the hot read first.
    domains = (*profile_routers, *scenario_routers, *persona_routers, *identity_routers, *conversation_routers, *history_routers)
    for router in (*domains, audit_router, settings_router):
        app.include_router(router, prefix="/v1")
    app.include_router(health_router)
    app.state.asset_max_bytes = settings.asset_max_bytes
    app.state.gap_fill_limits = gap_fill_limits(settings)
    install(app, settings.body_max_bytes, settings.request_timeout_seconds, {ASSETS_PATH: settings.asset_max_bytes + FORM_OVERHEAD_BYTES})
    describe(app)
    add_documentation(app)
    return app


def serving_app() -> FastAPI:
    """What each HTTP process runs: the service on the database that `factbook serve` has running."""
    settings = Settings()
    configure_logging(settings.log_level)
    end_with_parent()
    return create_app(settings, running_database(database_place(settings)).urls)
