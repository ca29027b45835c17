"""What every command shares: settings, a database that is up and migrated, and one clear line when something fails."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn, TypeVar
from uuid import UUID

from pydantic import ValidationError
from rich.console import Console

from factbook.access import tenant_id_named
from factbook.app import database_place
from factbook.database.migrate import migrate_up
from factbook.database.opening import OpenedDatabase, opened_database
from factbook.database.pools import Database
from factbook.database.unavailable import DatabaseUnavailable
from factbook.kernel.problems import Problem
from factbook.settings import Settings

Result = TypeVar("Result")

# Progress and remarks go to standard error: standard output carries results alone.
remarks = Console(stderr=True, highlight=False)


def fail(message: str) -> NoReturn:
    """End the command with one clear line on standard error."""
    remarks.print(f"factbook: {message}", style="red", markup=False, soft_wrap=True)
    sys.exit(1)


def read_settings() -> Settings:
    """The settings; the command ends when one of them cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        fail(f"setting FACTBOOK_{'_'.join(map(str, first['loc'])).upper()}: {first['msg']}")
    except ValueError as error:
        fail(f"factbook.toml cannot be read: {error}")


@contextmanager
def database_up(settings: Settings) -> Iterator[OpenedDatabase]:
    """The database, running and migrated, while the block lasts."""
    try:
        with opened_database(database_place(settings)) as opened:
            migrate_up(opened.urls, opened.role_secret)
            yield opened
    except DatabaseUnavailable as error:
        fail(str(error))


def with_database(work: Callable[[Database, OpenedDatabase], Awaitable[Result]]) -> Result:
    """Run an asynchronous piece of work on the migrated database. Problems and interrupts end the command with one clear line."""
    settings = read_settings()

    async def run(opened: OpenedDatabase) -> Result:
        database = await Database.open(opened.urls, pool_size=2)
        try:
            return await work(database, opened)
        finally:
            await database.close()

    with database_up(settings) as opened:
        try:
            return asyncio.run(run(opened))
        except Problem as problem:
            where = "".join(f"\n  {error.field}: {error.message}" for error in problem.errors[:10])
            fail(f"{problem.kind.title.lower()} ({problem.kind.code}). {problem.detail}{where}")
        except KeyboardInterrupt:
            fail("interrupted; what was finished is kept, run it again to go on")


async def tenant_named(database: Database, name: str) -> UUID:
    """The tenant's id; the command ends when there is none of that name."""
    tenant_id = await tenant_id_named(database, name)
    if tenant_id is None:
        fail(f"there is no tenant {name!r}; make it with: factbook tenants create {name}")
    return tenant_id
