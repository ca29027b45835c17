"""Brings the schema up or down with Alembic, as the role that owns it. One process at a time, held by an advisory lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from factbook.database.roles import SCHEMA, prepare_roles
from factbook.database.urls import DatabaseUrls

# Any fixed number will do as long as nothing else in the same database uses it.
_LOCK = 7_201_955_846


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """`current` is the revision the schema is at (None before the first), `head` the newest this version of Factbook knows."""

    current: str | None
    head: str

    @property
    def up_to_date(self) -> bool:
        """Whether nothing is left to apply."""
        return self.current == self.head


def migrate_up(urls: DatabaseUrls, role_secret: str, revision: str = "head") -> None:
    """Create roles and schema where they are missing and apply every migration up to `revision`. Doing it again changes nothing."""
    with _one_at_a_time(urls.admin):
        prepare_roles(urls, role_secret)
        with _owner_connection(urls) as connection:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            connection.commit()
            command.upgrade(_config(connection), revision)


def migrate_down(urls: DatabaseUrls, revision: str = "-1") -> None:
    """Take back migrations down to `revision`: one step unless told otherwise, `base` for all."""
    with _one_at_a_time(urls.admin), _owner_connection(urls) as connection:
        command.downgrade(_config(connection), revision)


def migration_status(urls: DatabaseUrls) -> MigrationStatus:
    """Where the schema stands. Reads only; a database never migrated has no current revision."""
    with _owner_connection(urls) as connection:
        context = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA})
        return MigrationStatus(context.get_current_revision(), newest_revision())


def newest_revision() -> str:
    """The newest migration in this version of Factbook."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise LookupError("no migrations found")
    return head


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "factbook.database:migrations")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _one_at_a_time(admin_url: str) -> Iterator[None]:
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        yield


@contextmanager
def _owner_connection(urls: DatabaseUrls) -> Iterator[Connection]:
    engine = create_engine(urls.owner.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
