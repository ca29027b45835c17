"""The roles on a server of this module's own, since roles belong to the whole server: made, repaired, left alone, and raced for."""

import threading
from collections.abc import Callable, Iterator
from typing import LiteralString

import psycopg
import pytest
from psycopg.rows import TupleRow

from factbook.database.embedded import embedded_server
from factbook.database.roles import prepare_roles
from factbook.database.unavailable import DatabaseUnavailable
from factbook.database.urls import DatabaseUrls, Role

SECRET = "open sesame"


@pytest.fixture(scope="module")
def superuser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection[TupleRow]]:
    """A superuser's session on a server that has never seen Factbook."""
    with embedded_server(tmp_path_factory.mktemp("roles") / "data") as url, psycopg.connect(url, autocommit=True) as session:
        yield session


@pytest.fixture
def urls(superuser: psycopg.Connection[TupleRow]) -> Iterator[DatabaseUrls]:
    """A server without the roles, before and after."""
    info = superuser.info
    yield DatabaseUrls.derive(f"postgresql://{info.user}:{info.password}@{info.host}:{info.port}/{info.dbname}", SECRET)
    for role in Role:
        if superuser.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).rowcount:
            superuser.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode())


def logs_in(url: str) -> bool:
    """Whether the password is right."""
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError as error:
        if "password authentication failed" not in str(error):
            raise
        return False
    return True


def as_stored(superuser: psycopg.Connection[TupleRow]) -> list[TupleRow]:
    """The rows of the catalog that describe the roles, each with the transaction that wrote it."""
    return superuser.execute(
        """
        SELECT a.xmin::text, s.xmin::text, a.*, s.setconfig FROM pg_authid a LEFT JOIN pg_db_role_setting s ON s.setrole = a.oid
        WHERE a.rolname LIKE 'factbook%' ORDER BY a.rolname
        """
    ).fetchall()


def test_the_roles_log_in_and_stand_below_every_wall(superuser: psycopg.Connection[TupleRow], urls: DatabaseUrls) -> None:
    prepare_roles(urls, SECRET)
    assert [role for role in Role if not logs_in(urls.of_role(role))] == []
    attributes = "rolsuper OR rolbypassrls OR rolinherit OR rolcreaterole OR rolcreatedb OR rolreplication OR NOT rolcanlogin"
    assert superuser.execute(f"SELECT rolname FROM pg_roles WHERE rolname LIKE 'factbook%' AND ({attributes})".encode()).fetchall() == []


def test_a_wrong_password_is_refused(urls: DatabaseUrls) -> None:
    prepare_roles(urls, SECRET)
    wrong = DatabaseUrls.derive(urls.admin, "another secret")
    assert [role for role in Role if logs_in(wrong.of_role(role))] == []


def test_the_server_stores_no_password(superuser: psycopg.Connection[TupleRow], urls: DatabaseUrls) -> None:
    prepare_roles(urls, SECRET)
    stored = superuser.execute("SELECT rolpassword FROM pg_authid WHERE rolname LIKE 'factbook%'").fetchall()
    assert [password.partition("$")[0] for (password,) in stored] == ["SCRAM-SHA-256"] * len(Role)


def test_a_changed_secret_repairs_the_passwords(urls: DatabaseUrls) -> None:
    prepare_roles(urls, SECRET)
    changed = DatabaseUrls.derive(urls.admin, "another secret")
    prepare_roles(changed, "another secret")
    assert [logs_in(changed.of_role(role)) for role in Role] == [True] * len(Role)
    assert [logs_in(urls.of_role(role)) for role in Role] == [False] * len(Role)


def test_preparing_again_writes_nothing(superuser: psycopg.Connection[TupleRow], urls: DatabaseUrls) -> None:
    prepare_roles(urls, SECRET)
    before = as_stored(superuser)
    prepare_roles(urls, SECRET)
    assert len(before) == len(Role)
    assert as_stored(superuser) == before


def test_a_setting_that_somebody_changed_is_put_right(superuser: psycopg.Connection[TupleRow], urls: DatabaseUrls) -> None:
    prepare_roles(urls, SECRET)
    superuser.execute("ALTER ROLE factbook_reader SET default_transaction_read_only TO off")
    prepare_roles(urls, SECRET)
    with psycopg.connect(urls.reader) as reader:
        assert reader.execute("SHOW default_transaction_read_only").fetchone() == ("on",)


@pytest.mark.parametrize("attribute", ["SUPERUSER", "BYPASSRLS"])
def test_a_role_above_row_level_security_is_refused(superuser: psycopg.Connection[TupleRow], urls: DatabaseUrls, attribute: str) -> None:
    superuser.execute(f"CREATE ROLE factbook_writer LOGIN {attribute}".encode())
    with pytest.raises(DatabaseUnavailable, match="factbook_writer"):
        prepare_roles(urls, SECRET)


def meanwhile(superuser: psycopg.Connection[TupleRow], statement: LiteralString, work: Callable[[], None]) -> None:
    """Run `work` in a thread while another transaction has carried out `statement`, and let that one commit when both want the same row."""
    raised: list[Exception] = []

    def watched() -> None:
        try:
            work()
        except psycopg.Error as error:
            raised.append(error)

    thread = threading.Thread(target=watched)
    with superuser.transaction():
        superuser.execute(statement)
        thread.start()
        while not superuser.execute("SELECT FROM pg_locks WHERE NOT granted").rowcount:
            assert thread.is_alive()
    thread.join()
    assert raised == []


def test_a_role_that_somebody_else_creates_at_the_same_time_is_taken_as_it_is(superuser: psycopg.Connection[TupleRow], urls: DatabaseUrls) -> None:
    meanwhile(superuser, "CREATE ROLE factbook_owner LOGIN NOINHERIT", lambda: prepare_roles(urls, SECRET))
    assert [logs_in(urls.of_role(role)) for role in Role] == [True] * len(Role)


def test_a_role_that_somebody_else_changes_at_the_same_time_is_put_right(superuser: psycopg.Connection[TupleRow], urls: DatabaseUrls) -> None:
    prepare_roles(urls, SECRET)
    changed = DatabaseUrls.derive(urls.admin, "another secret")
    meanwhile(superuser, "ALTER ROLE factbook_owner CONNECTION LIMIT 50", lambda: prepare_roles(changed, "another secret"))
    assert [logs_in(changed.of_role(role)) for role in Role] == [True] * len(Role)
