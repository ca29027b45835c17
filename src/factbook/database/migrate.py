"""Brings the schema up or down, as the role that owns it. One process at a time, held by an advisory lock.

Alembic takes longer to import than most commands take to run, so it is imported when there is a step to take, and not to find that there is none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files

import psycopg
from psycopg import sql

from factbook.database.roles import SCHEMA, prepare_roles
from factbook.database.urls import DatabaseUrls

# Any fixed number will do as long as nothing else in the same database uses it.
_LOCK = 7_201_955_846
_NEWEST = "head"


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """`current` is the revision the schema is at (None before the first), `head` the newest this version of Factbook knows."""

    current: str | None
    head: str

    @property
    def up_to_date(self) -> bool:
        """Whether nothing is left to apply."""
        return self.current == self.head


def migrate_up(urls: DatabaseUrls, role_secret: str, revision: str = _NEWEST) -> None:
    """Create roles and schema where they are missing and apply every migration up to `revision`. Doing it again changes nothing.

    `SchemaStays` says why a step could not be taken.
    """
    with _one_at_a_time(urls.admin):
        prepare_roles(urls, role_secret)
        if revision == _NEWEST and migration_status(urls).up_to_date:
            return
        from factbook.database.steps import step_up

        step_up(urls.owner, revision)


def migrate_down(urls: DatabaseUrls, revision: str = "-1") -> None:
    """Take back migrations down to `revision`: one step unless told otherwise, `base` for all. `SchemaStays` says why that cannot be."""
    from factbook.database.steps import step_down

    with _one_at_a_time(urls.admin):
        step_down(urls.owner, revision)


def migration_status(urls: DatabaseUrls) -> MigrationStatus:
    """Where the schema stands. Reads only; a database never migrated has no current revision."""
    with psycopg.connect(urls.owner) as connection:
        table = f"{SCHEMA}.alembic_version"
        found = connection.execute("SELECT to_regclass(%s)", (table,)).fetchone()
        row = (
            connection.execute(sql.SQL("SELECT version_num FROM {}").format(sql.Identifier(*table.split(".")))).fetchone()
            if found and found[0]
            else None
        )
    return MigrationStatus(row[0] if row else None, newest_revision())


def newest_revision() -> str:
    """The newest migration in this version of Factbook. Their files are called `<revision>_<what>.py`, and each follows the one before."""
    names = (file.name for file in files("factbook.database.migrations").joinpath("versions").iterdir())
    return max(name.partition("_")[0] for name in names if name.endswith(".py") and name[0].isdigit())


@contextmanager
def _one_at_a_time(admin_url: str) -> Iterator[None]:
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        yield
