"""A PostgreSQL server of the operator's own, as Debian installs it, where Factbook is given a role that may create roles and is no superuser."""

import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import TupleRow

from factbook.database.binaries import find_binaries
from factbook.database.embedded import embedded_server
from factbook.database.migrate import migrate_down, migrate_up, migration_status
from factbook.database.opening import OpenedDatabase, Place, opened_database, running_database
from factbook.database.unavailable import DatabaseUnavailable
from factbook.database.urls import Role, with_role
from tests.database.catalog_dump import catalog_dump, every_row
from tests.walls.inspection import faults, inspector

BINARIES = Path(os.environ.get("FACTBOOK_TEST_POSTGRES_BINARIES", "/usr/lib/postgresql/15/bin"))
OPERATOR, PASSWORD = "operator", "open sesame"


@pytest.fixture(scope="module")
def superuser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection[TupleRow]]:
    """The operator's own superuser, in the database `house` that belongs to a role with CREATEROLE alone. Factbook never sees the superuser."""
    if not (BINARIES / "postgres").exists():
        pytest.skip(f"no PostgreSQL programs in {BINARIES}; let FACTBOOK_TEST_POSTGRES_BINARIES name the bin folder of a PostgreSQL 15 or newer")
    with embedded_server(tmp_path_factory.mktemp("own") / "server", BINARIES) as url:
        with psycopg.connect(url, autocommit=True) as session:
            session.execute(f"CREATE ROLE {OPERATOR} LOGIN CREATEROLE PASSWORD '{PASSWORD}'".encode())
            session.execute(f"CREATE DATABASE house OWNER {OPERATOR}".encode())
        with psycopg.connect(url, dbname="house", autocommit=True) as session:
            yield session


@pytest.fixture(scope="module")
def url(superuser: psycopg.Connection[TupleRow]) -> str:
    """What the operator writes into FACTBOOK_DATABASE_URL."""
    return with_role(f"postgresql://{superuser.info.host}:{superuser.info.port}/house", OPERATOR, PASSWORD)


@contextmanager
def migrated(place: Place) -> Iterator[OpenedDatabase]:
    with opened_database(place) as opened:
        migrate_up(opened.urls, opened.role_secret)
        yield opened


def logs_in(url: str) -> bool:
    """Whether the password is right."""
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError as error:
        if "password authentication failed" not in str(error):
            raise
        return False
    return True


def told(error: BaseException) -> str:
    """What a traceback would say of the error and of those before it."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return str(error) + (told(before) if before else "")


def roles_as_stored(superuser: psycopg.Connection[TupleRow]) -> list[TupleRow]:
    statement = "SELECT a.*, r.rolconfig FROM pg_authid a JOIN pg_roles r USING (rolname) WHERE rolname LIKE 'factbook%' ORDER BY rolname"
    return superuser.execute(statement).fetchall()


def test_the_server_is_the_operators_and_its_role_is_no_superuser(superuser: psycopg.Connection[TupleRow], url: str) -> None:
    assert superuser.info.server_version // 10_000 == find_binaries(BINARIES).major
    with psycopg.connect(url) as session:
        attributes = "rolsuper, rolbypassrls, rolcreatedb, rolcreaterole"
        assert session.execute(f"SELECT {attributes} FROM pg_roles WHERE rolname = current_user".encode()).fetchone() == (False, False, False, True)


async def test_the_walls_stand_there_as_well(url: str, tmp_path: Path) -> None:
    with migrated(Place(tmp_path, url=url)) as opened:
        assert migration_status(opened.urls).up_to_date
        assert await faults(opened.urls) == []


def test_roles_are_refused_with_a_wrong_password(url: str, tmp_path: Path) -> None:
    with migrated(Place(tmp_path, url=url)) as opened:
        assert [logs_in(opened.urls.of_role(role)) for role in Role] == [True] * len(Role)
        assert [logs_in(with_role(url, role, password)) for role in Role for password in ("wrong", PASSWORD, opened.role_secret)] == [
            False
        ] * 3 * len(Role)


def test_migrating_up_again_changes_nothing(superuser: psycopg.Connection[TupleRow], url: str, tmp_path: Path) -> None:
    with migrated(Place(tmp_path, url=url)) as opened:
        schema, roles = catalog_dump(superuser), roles_as_stored(superuser)
        migrate_up(opened.urls, opened.role_secret)
        assert schema
        assert (catalog_dump(superuser), roles_as_stored(superuser)) == (schema, roles)


async def test_migrations_go_down_and_up_there_with_data_in_place(superuser: psycopg.Connection[TupleRow], url: str, tmp_path: Path) -> None:
    with migrated(Place(tmp_path, url=url)) as opened:
        schema = catalog_dump(superuser)
        async with inspector(opened.urls):  # two tenants have rows in every table
            pass
        migrate_down(opened.urls, "0010")
        lower = every_row(superuser)
        assert len(lower["conversation_links"]) > 0
        migrate_up(opened.urls, opened.role_secret)
        assert catalog_dump(superuser) == schema
        after = every_row(superuser)
        untouched = lower.keys() - {"alembic_version", "channel_identities", "tenant_settings"}  # the last two got columns
        assert {table: after[table] for table in untouched} == {table: lower[table] for table in untouched}


def test_a_changed_role_secret_repairs_the_passwords(url: str, tmp_path: Path) -> None:
    with migrated(Place(tmp_path, url=url)) as opened, migrated(Place(tmp_path, url=url, role_secret="another secret")) as changed:
        assert changed.role_secret == "another secret"
        assert [logs_in(changed.urls.of_role(role)) for role in Role] == [True] * len(Role)
        assert [logs_in(opened.urls.of_role(role)) for role in Role] == [False] * len(Role)


def test_a_url_without_password_keeps_a_role_secret_in_the_data_folder(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    place = Place(tmp_path / "data", url=url.replace(f"{OPERATOR}:{PASSWORD.replace(' ', '%20')}@", f"{OPERATOR}@"))
    assert "sesame" not in str(place.url)
    with migrated(place) as opened:
        kept = place.data_dir / "role-secret"
        assert kept.read_text() == opened.role_secret
        assert len(opened.role_secret) >= 32
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert [path.name for path in place.data_dir.iterdir()] == ["role-secret"]
        monkeypatch.delenv("PGPASSWORD")
        assert [logs_in(opened.urls.of_role(role)) for role in Role] == [True] * len(Role)
        assert running_database(place) == opened


def test_a_url_with_password_keeps_nothing(url: str, tmp_path: Path) -> None:
    with opened_database(Place(tmp_path / "data", url=url)):
        assert not (tmp_path / "data").exists()


def test_the_shorter_name_of_the_scheme_is_understood(url: str, tmp_path: Path) -> None:
    with opened_database(Place(tmp_path, url=url.replace("postgresql://", "postgres://"))) as opened:
        assert opened.urls.admin == url


def test_a_refused_operator_is_told_without_the_password(url: str, tmp_path: Path) -> None:
    wrong = with_role(url, OPERATOR, "simsalabim")
    with pytest.raises(DatabaseUnavailable, match="password authentication failed") as refused, opened_database(Place(tmp_path, url=wrong)):
        pass
    assert "simsalabim" not in told(refused.value)


@pytest.mark.parametrize("between", ["", "@", "/", "#", "?", "%", ":", "[", " "])
def test_an_unreachable_server_is_told_without_the_password(tmp_path: Path, between: str) -> None:
    """Also where the password was written as it is: then part of it looks like a host, a port or a database."""
    url = f"postgresql://ada:simsala{between}bim@127.0.0.1:1/house"
    with pytest.raises(DatabaseUnavailable) as unavailable, opened_database(Place(tmp_path, url=url)):
        pass
    assert "FACTBOOK_DATABASE_URL" in told(unavailable.value)
    assert "simsala" not in told(unavailable.value)
    assert "bim" not in told(unavailable.value)


@pytest.mark.parametrize(
    "url", ["mysql://ada:simsalabim@127.0.0.1:1/house", "postgresql://ada:simsalabim@127.0.0.1:1", "host=127.0.0.1 port=1 password=simsalabim"]
)
def test_a_url_that_does_not_say_everything_is_refused_at_once(tmp_path: Path, url: str) -> None:
    with (
        pytest.raises(DatabaseUnavailable, match="postgresql://user:password@host:port/database") as unavailable,
        opened_database(Place(tmp_path, url=url)),
    ):
        pass
    assert "simsalabim" not in told(unavailable.value)


def test_processes_that_come_at_once_keep_one_role_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(max_workers=8) as pool:
        for place in (Place(tmp_path / str(number), url="postgresql://ada@127.0.0.1/house") for number in range(20)):
            opened = pool.map(running_database, [place] * 8)
            assert {found.role_secret for found in opened} == {(place.data_dir / "role-secret").read_text()}


def test_an_empty_role_secret_is_refused(tmp_path: Path) -> None:
    """As a full disk may leave it: nobody may get passwords that anybody can derive."""
    (tmp_path / "role-secret").touch(mode=0o600)
    with pytest.raises(DatabaseUnavailable, match="role-secret"):
        running_database(Place(tmp_path, url="postgresql://ada@127.0.0.1/house"))
