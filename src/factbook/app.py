"""The HTTP service put together: settings are read once, pools are opened, the domains are put behind one edge."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from factbook import __version__
from factbook.access import settings_router
from factbook.cache import Cache
from factbook.composition.places import database_place
from factbook.composition.service import cache_limits, design_limits, engine_of, gap_fill_limits, keys_that_seal, model_limits, model_of
from factbook.console import PREFIX as CONSOLE
from factbook.console import install_console, problem_page, session_secret
from factbook.content import content_store
from factbook.conversations import routers as conversation_routers
from factbook.database.migrate import newest_revision
from factbook.database.opening import OpenedDatabase, running_database
from factbook.database.pools import Database
from factbook.edge import configure_logging, install
from factbook.edge.audit import audit_router
from factbook.edge.description import describe
from factbook.edge.documentation import add_documentation
from factbook.edge.health import health_router
from factbook.edge.parent import end_with_parent
from factbook.history import routers as history_routers
from factbook.identity import routers as identity_routers
from factbook.language.composition import executor_of
from factbook.persona import OLDER_INTERFACE, PageFetcher, allowed_hosts, persona_backend
from factbook.persona import routers as persona_routers
from factbook.profile import ASSETS_PATH, FORM_OVERHEAD_BYTES, Backend
from factbook.profile import routers as profile_routers
from factbook.scenarios import routers as scenario_routers
from factbook.settings import Settings


def create_app(settings: Settings, opened: OpenedDatabase) -> FastAPI:
    """The service on a database that runs and is migrated. `ValueError` says why master keys, the model or an engine cannot be used."""
    urls, masters, model = opened.urls, keys_that_seal(settings), model_of(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.database = await Database.open(urls, settings.database_pool_size)
        app.state.cache = await Cache.open(urls.reader, settings.redis_url, cache_limits(settings)) if settings.cache_enabled else None
        app.state.content = content_store(settings.content_url, settings.data_dir)
        app.state.profile_backend = Backend(app.state.database, masters, app.state.cache)
        app.state.page_fetcher = PageFetcher(allowed_hosts(settings.fetch_allowed_hosts))
        try:
            async with executor_of(model, model_limits(settings)) as app.state.language:
                app.state.persona_backend = persona_backend(app.state.database, app.state.language, settings.persona_timeout_seconds)
                yield
        finally:
            app.state.page_fetcher.close()
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
    app.state.design_limits = design_limits(settings)
    app.state.gap_fill_limits = gap_fill_limits(settings)
    install_console(app, session_secret(opened.role_secret))
    larger_bodies = {ASSETS_PATH: settings.asset_max_bytes + FORM_OVERHEAD_BYTES}
    install(app, settings.body_max_bytes, settings.request_timeout_seconds, larger_bodies, [OLDER_INTERFACE], {CONSOLE: problem_page})
    describe(app)
    add_documentation(app)
    return app


def serving_app() -> FastAPI:
    """What each HTTP process runs: the service on the database that `factbook serve` has running."""
    settings = Settings()
    configure_logging(settings.log_level)
    end_with_parent()
    return create_app(settings, running_database(database_place(settings)))
