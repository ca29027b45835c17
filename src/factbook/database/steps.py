"""The steps that Alembic takes on the schema, each migration in a transaction of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from factbook.database.roles import SCHEMA
from factbook.database.unavailable import SchemaStays


def step_up(owner_url: str, revision: str) -> None:
    """Create the schema where it is missing and apply every migration up to `revision`."""
    with _connected(owner_url) as connection:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        connection.commit()
        command.upgrade(_config(connection), revision)


def step_down(owner_url: str, revision: str) -> None:
    """Take back migrations down to `revision`."""
    with _connected(owner_url) as connection:
        command.downgrade(_config(connection), revision)


@contextmanager
def _connected(owner_url: str) -> Iterator[Connection]:
    """A connection of the owner. What refuses a step, the server or Alembic, is told as `SchemaStays`."""
    engine = create_engine(owner_url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    except (SQLAlchemyError, CommandError) as error:
        raise SchemaStays(str(error).partition("\n")[0]) from error


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "factbook.database:migrations")
    config.attributes["connection"] = connection
    return config
