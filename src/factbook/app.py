"""The composition root of the HTTP service: settings are read once, pools are opened, the domains are put behind one edge."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from factbook import __version__
from factbook.access import settings_router
from factbook.cache import Cache, Limits
from factbook.content import content_store
from factbook.conversations import routers as conversation_routers
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
from factbook.persona import backend_by_rules
from factbook.persona import routers as persona_routers
from factbook.profile import ASSETS_PATH, FORM_OVERHEAD_BYTES, Backend, MasterKeys, master_keys
from factbook.profile import routers as profile_routers
from factbook.settings import Settings


def database_place(settings: Settings) -> Place:
    """Where these settings say the database is."""
    return Place(settings.data_dir, settings.database_url, settings.database_role_secret, settings.postgres_binaries)


def keys_that_seal(settings: Settings) -> MasterKeys:
    """The master keys of these settings. `ValueError` says in plain words why there are none to use."""
    given = settings.master_keys.get_secret_value() if settings.master_keys else None
    return master_keys(given, settings.master_keys_file, settings.data_dir)


def _limits(settings: Settings) -> Limits:
    seconds = {"profile": settings.profile_cache_seconds}
    return Limits(shared_seconds=seconds | dict.fromkeys(("field_defs", "scenario_reqs"), settings.schema_cache_seconds))


def create_app(settings: Settings, urls: DatabaseUrls) -> FastAPI:
    """The service on a database that runs and is migrated. `ValueError` says why master keys cannot be used."""
    masters = keys_that_seal(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.database = await Database.open(urls, settings.database_pool_size)
        app.state.cache = await Cache.open(urls.reader, settings.redis_url, _limits(settings)) if settings.cache_enabled else None
        app.state.content = content_store(settings.content_url, settings.data_dir)
        app.state.profile_backend = Backend(app.state.database, masters, app.state.cache)
        app.state.persona_backend = backend_by_rules(app.state.database)
        try:
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
    # In the order in which they are looked through for each request: the hot read first.
    for router in (*profile_routers, *identity_routers, *conversation_routers, *persona_routers, *history_routers, audit_router, settings_router):
        app.include_router(router, prefix="/v1")
    app.include_router(health_router)
    app.state.asset_max_bytes = settings.asset_max_bytes
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
