"""The roles and what each may do outside the tables: created and kept up to date by the admin role at migrate time.

Threat: a mistake or an injected statement in a request. The reader cannot write at all, the writer cannot change what was recorded, and
neither can switch row-level security off, because neither owns a table nor is a superuser. The queue's role hands out jobs by their ids and
cannot read a single row of a customer's.
"""

import time
from collections.abc import Callable
from functools import partial

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from factbook.database.unavailable import DatabaseUnavailable
from factbook.database.urls import DatabaseUrls, Role, role_password

SCHEMA = "factbook"
# Where jobs are handed out: a schema of its own, in which the queue's role works and no other reads.
QUEUE_SCHEMA = "factbook_queue"
# Ends a statement whose client has long been answered; the request timeout is the shorter one.
STATEMENT_TIMEOUT = "60s"


# Roles belong to the whole server, so a process that prepares another database of it may be at the same rows of the catalog.
_DISTURBED = (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation, psycopg.errors.InternalError_)  # the last: "tuple concurrently updated"
_ATTEMPTS = 20
_PAUSE_SECONDS = 0.05


def prepare_roles(urls: DatabaseUrls, role_secret: str) -> None:
    """Create the roles that are missing and bring password, settings and database grants of all of them in line.

    What is in line is left alone. `DatabaseUnavailable` for a role that stands above row-level security.
    """
    with psycopg.connect(urls.admin, autocommit=True) as admin:
        for role in Role:
            _undisturbed(partial(_prepare, admin, urls, role_secret, role))
        database = sql.Identifier(admin.info.dbname)
        admin.execute(sql.SQL("GRANT CREATE, CONNECT ON DATABASE {} TO {}").format(database, sql.Identifier(Role.OWNER)))
        for role in (Role.WRITER, Role.READER, Role.QUEUE):
            admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, sql.Identifier(role)))


def _undisturbed(step: Callable[[], None]) -> None:
    """Do the step, once more whenever somebody else was at the same role; it may find part of its work done."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return step()
        except _DISTURBED:
            time.sleep(_PAUSE_SECONDS)
    return step()


def _prepare(admin: psycopg.Connection[TupleRow], urls: DatabaseUrls, role_secret: str, role: Role) -> None:
    _create_role(admin, role)
    if not _can_log_in(urls.of_role(role)):
        _set_password(admin, role, role_password(role_secret, role))
    _set_defaults(admin, role)


def _create_role(admin: psycopg.Connection[TupleRow], role: Role) -> None:
    known = admin.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    if known is None:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT NOCREATEDB NOCREATEROLE").format(sql.Identifier(role)))
    elif known[0]:
        raise DatabaseUnavailable(f"the role {role} stands above row-level security: ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS, or drop it")


def _can_log_in(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=10):
            return True
    except psycopg.OperationalError:
        return False


def _set_password(admin: psycopg.Connection[TupleRow], role: Role, password: str) -> None:
    # Only the SCRAM verifier travels, so the password itself cannot end up in a server log.
    verifier = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier)))


def _set_defaults(admin: psycopg.Connection[TupleRow], role: Role) -> None:
    settings = {"search_path": QUEUE_SCHEMA if role is Role.QUEUE else SCHEMA, "timezone": "UTC"}
    if role is not Role.OWNER:
        settings["statement_timeout"] = STATEMENT_TIMEOUT
    if role is Role.READER:
        settings["default_transaction_read_only"] = "on"
    row = admin.execute("SELECT rolconfig FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    standing = {setting.lower() for setting in (row[0] if row else None) or ()}
    for name, value in settings.items():
        if f"{name}={value}".lower() not in standing:
            statement = sql.SQL("ALTER ROLE {} SET {} TO {}")
            admin.execute(statement.format(sql.Identifier(role), sql.Identifier(name), sql.Literal(value)))
