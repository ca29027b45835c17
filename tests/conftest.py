"""What every test shares: one real PostgreSQL per run, one database per worker made from a migrated template, one tenant per test.

Workers of a parallel run find the same server through its data folder, as two services on one machine would; the last one stops it.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from hypothesis import settings
from pydantic import SecretStr

from factbook.access import create_tenant
from factbook.app import create_app
from factbook.cache import Cache
from factbook.content import content_store
from factbook.database.embedded import embedded_server
from factbook.database.migrate import migrate_up
from factbook.database.opening import OpenedDatabase
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel.ids import new_id
from factbook.language.gate import Gated
from factbook.language.rules import RulesExecutor
from factbook.persona import PageFetcher, persona_backend
from factbook.profile import Backend
from factbook.profile.sealing.master_keys import MasterKeys
from factbook.settings import Settings
from tests.calling import Caller

# How long an example takes says how busy the machine is, nothing of what is tested.
settings.register_profile("untimed", deadline=None, print_blob=True)
settings.load_profile("untimed")

ROLE_SECRET = "the tests' own"
MASTER_KEYS = "5e" * 32
TEMPLATE = "factbook_template"


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """The superuser's URL of the run's server, for making databases only."""
    base = tmp_path_factory.getbasetemp()
    run_folder = base if worker_id == "master" else base.parent
    with embedded_server(run_folder / "postgresql") as url:
        yield url


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """The name of a migrated, empty database; the first worker to come makes it."""
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(1)")
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate", (TEMPLATE,)).fetchone() is None:
            server.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")
            server.execute(f"CREATE DATABASE {TEMPLATE}")
            migrate_up(DatabaseUrls.derive(server_url, ROLE_SECRET).for_database(TEMPLATE), ROLE_SECRET)
            server.execute(f"ALTER DATABASE {TEMPLATE} IS_TEMPLATE true")
    return TEMPLATE


@pytest.fixture(scope="session")
def urls(server_url: str, template: str, worker_id: str) -> DatabaseUrls:
    """The roles' URLs on this worker's database."""
    return fresh_database(server_url, template, f"tests_{worker_id}")


def fresh_database(server_url: str, template: str, name: str) -> DatabaseUrls:
    """A new copy of the template under `name`."""
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return DatabaseUrls.derive(server_url, ROLE_SECRET).for_database(name)


@pytest.fixture(scope="session")
async def database(urls: DatabaseUrls) -> AsyncIterator[Database]:
    """The application's own pools, on the application's own roles."""
    opened = await Database.open(urls, pool_size=20)
    yield opened
    await opened.close()


@pytest.fixture
async def tenant_id(database: Database) -> UUID:
    """A tenant of the test's own."""
    return await create_tenant(database, f"tenant {new_id()}")


@pytest.fixture(scope="session")
def samples_dir() -> Path:
    """The folder of real sample data; a test that needs it is skipped where it is absent."""
    folder = Path(os.environ.get("FACTBOOK_SAMPLES_DIR", Path(__file__).parents[2] / "shared" / "data"))
    if not (folder / "helpdesk.xes.gz").exists():
        pytest.skip(f"no sample data in {folder}; set FACTBOOK_SAMPLES_DIR")
    return folder


@pytest.fixture(scope="session")
def masters() -> MasterKeys:
    """Master keys of the tests' own."""
    return MasterKeys.read(MASTER_KEYS)


@pytest.fixture(scope="session")
async def cache(urls: DatabaseUrls) -> AsyncIterator[Cache]:
    """The cache of the service in this process, without a second tier."""
    opened = await Cache.open(urls.reader, None)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def opened(urls: DatabaseUrls) -> OpenedDatabase:
    """This worker's database as `factbook serve` hands it to an HTTP process."""
    return OpenedDatabase(urls, ROLE_SECRET)


@pytest.fixture(scope="session")
def app(opened: OpenedDatabase, database: Database, cache: Cache, masters: MasterKeys, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The whole service, in this process, on this worker's database."""
    made = create_app(Settings(master_keys=SecretStr(MASTER_KEYS)), opened)
    made.state.database = database
    made.state.cache = cache
    made.state.content = content_store(None, tmp_path_factory.mktemp("content"))
    made.state.profile_backend = Backend(database, masters, cache)
    made.state.language = Gated(RulesExecutor())
    made.state.persona_backend = persona_backend(database, made.state.language)
    made.state.page_fetcher = PageFetcher()
    return made


@pytest.fixture
async def caller(app: FastAPI, database: Database, tenant_id: UUID) -> AsyncIterator[Caller]:
    """Makes HTTP clients of the test's own tenant and closes them; every problem they meet must stand in the OpenAPI document."""
    made = Caller(app, database, tenant_id)
    yield made
    await made.close()


@pytest.fixture
async def client(caller: Caller) -> AsyncClient:
    """A human with every scope."""
    return await caller.client()
