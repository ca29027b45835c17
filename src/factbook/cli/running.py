"""What every command shares: settings, a database that is up and migrated, and one clear line when something fails."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn, TypeVar
from uuid import UUID

import asyncpg
import psycopg
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from rich.console import Console

from factbook.access import tenant_id_named
from factbook.composition.places import database_place
from factbook.database.migrate import migrate_up
from factbook.database.opening import OpenedDatabase, opened_database
from factbook.database.pools import Database
from factbook.database.unavailable import DatabaseUnavailable, SchemaStays
from factbook.edge.failures import database_cannot_be_reached
from factbook.kernel.problems import Problem
from factbook.settings import Settings

Result = TypeVar("Result")

# Progress and remarks go to standard error: standard output carries results alone. Nothing is wrapped, so that a digest or a URL stays in one piece.
remarks = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(message: str) -> NoReturn:
    """End the command with one clear line on standard error."""
    remarks.print(f"factbook: {message}", style="red", markup=False)
    sys.exit(1)


def read_settings() -> Settings:
    """The settings; the command ends when one of them cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        fail(_wrong_setting(error.errors(include_input=False, include_url=False)[0]))
    except ValueError as error:
        fail(f"factbook.toml cannot be read: {error}")


def _wrong_setting(error: ErrorDetails) -> str:
    name = str(error["loc"][0])
    # The environment is searched for settings that exist, so only the file can hold another.
    return f"factbook.toml: there is no setting {name}" if error["type"] == "extra_forbidden" else f"setting FACTBOOK_{name.upper()}: {error['msg']}"


@contextmanager
def database_running() -> Iterator[OpenedDatabase]:
    """The database, running and in whatever schema it is, while the block lasts."""
    try:
        with opened_database(database_place(read_settings())) as opened:
            yield opened
    except DatabaseUnavailable as error:
        fail(str(error))


@contextmanager
def database_up() -> Iterator[OpenedDatabase]:
    """The database, running and migrated, while the block lasts."""
    with database_running() as opened:
        with explained_schema_errors():
            migrate_up(opened.urls, opened.role_secret)
        yield opened


@contextmanager
def explained_schema_errors() -> Iterator[None]:
    """End the command with one clear line when roles or schema cannot be brought into the state asked for. The block holds no user's data."""
    try:
        yield
    except (psycopg.Error, SchemaStays) as error:
        fail(f"the schema cannot be changed: {str(error).partition(chr(10))[0]}")


def with_database(work: Callable[[Database, OpenedDatabase], Awaitable[Result]]) -> Result:
    """Run an asynchronous piece of work on the migrated database. What stands in its way, and an interrupt, end the command with one clear line."""

    async def run(opened: OpenedDatabase) -> Result:
        database = await Database.open(opened.urls, pool_size=2)
        try:
            return await work(database, opened)
        finally:
            await database.close()

    with database_up() as opened, _explained_work_errors():
        return asyncio.run(run(opened))


@contextmanager
def _explained_work_errors() -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        where = "".join(f"\n  {error.field}: {error.message}" for error in problem.errors[:10])
        fail(f"{problem.kind.title.lower()} ({problem.kind.code}). {problem.detail}{where}")
    except KeyboardInterrupt:
        fail("interrupted; what was finished is kept, run it again to go on")
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        if database_cannot_be_reached(error):
            fail("the database cannot be reached any more; what was finished is kept, run it again to go on")
        if not isinstance(error, OSError) or isinstance(error, BrokenPipeError):  # a reader that had enough needs no message
            raise
        fail(error.strerror or str(error))


async def tenant_named(database: Database, name: str) -> UUID:
    """The tenant's id; the command ends when there is none of that name."""
    tenant_id = await tenant_id_named(database, name)
    if tenant_id is None:
        fail(f"there is no tenant {name!r}; make it with: factbook tenants create {name}")
    return tenant_id
