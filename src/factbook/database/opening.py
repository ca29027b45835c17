"""Where the database is: a server of the operator's own, or the embedded one of the data folder."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg

from factbook.database.embedded import embedded_server, running_server_url
from factbook.database.kept_secrets import kept_secret
from factbook.database.unavailable import DatabaseUnavailable
from factbook.database.urls import DatabaseUrls, with_database

EMBEDDED_DATABASE = "factbook"
_ROLE_SECRET_FILE = "role-secret"  # noqa: S105  # a file's name


@dataclass(frozen=True, slots=True)
class Place:
    """What the settings say about the database: `url` of a server of one's own, else the embedded server of `data_dir`.

    The passwords of the roles are derived from `role_secret`; without one, from the password in `url`; without that, from a secret that
    is made once and kept in the data folder.
    """

    data_dir: Path
    url: str | None = None
    role_secret: str | None = None
    binaries: Path | None = None


@dataclass(frozen=True, slots=True)
class OpenedDatabase:
    """A database that can be reached now: its URLs and the secret behind the role passwords."""

    urls: DatabaseUrls
    role_secret: str


@contextmanager
def opened_database(place: Place) -> Iterator[OpenedDatabase]:
    """Have the database running while the block lasts, starting the embedded server if needed. `DatabaseUnavailable` says why not."""
    if place.url is not None:
        yield _opened(_reachable(place.url), place)
        return
    with embedded_server(place.data_dir, place.binaries) as server_url:
        _create_database(server_url)
        yield _opened(with_database(server_url, EMBEDDED_DATABASE), place)


def running_database(place: Place) -> OpenedDatabase:
    """The database as a child process of the service finds it: already running. `DatabaseUnavailable` otherwise."""
    if place.url is not None:
        return _opened(place.url, place)
    return _opened(with_database(running_server_url(place.data_dir), EMBEDDED_DATABASE), place)


def _opened(admin_url: str, place: Place) -> OpenedDatabase:
    secret = place.role_secret or unquote(urlsplit(admin_url).password or "") or _role_secret(place.data_dir)
    return OpenedDatabase(DatabaseUrls.derive(admin_url, secret), secret)


def _role_secret(data_dir: Path) -> str:
    return kept_secret(data_dir, _ROLE_SECRET_FILE, lambda: secrets.token_urlsafe(32))


def _reachable(url: str) -> str:
    normal = url.replace("postgres://", "postgresql://", 1)
    if not _is_whole(normal):
        raise DatabaseUnavailable(
            "FACTBOOK_DATABASE_URL does not read postgresql://user:password@host:port/database; "
            "special characters in user and password are percent-encoded, for example @ as %40 and / as %2F"
        )
    try:
        with psycopg.connect(normal, connect_timeout=10):
            return normal
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise DatabaseUnavailable(f"the PostgreSQL server of FACTBOOK_DATABASE_URL does not answer: {reason}") from None
    except psycopg.ProgrammingError:
        raise DatabaseUnavailable("FACTBOOK_DATABASE_URL is not a PostgreSQL URL") from None


def _is_whole(url: str) -> bool:
    """Whether the parts of the URL are what they seem. Part of a password may look like a host or a port, and would be told in an error."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # read for its check
    except ValueError:
        return False
    return parts.scheme == "postgresql" and parts.netloc.count("@") <= 1 and len(parts.path) > 1 and not parts.fragment


def _create_database(server_url: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (EMBEDDED_DATABASE,)).fetchone() is None:
            # A command beside us may be quicker; the server has two errors for that, by how close it was.
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                server.execute(f"CREATE DATABASE {EMBEDDED_DATABASE}")
