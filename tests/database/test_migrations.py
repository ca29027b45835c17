"""Migrations up and down: the same schema every time, and no data of a lower migration touched by a higher one."""

import ast
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.rows import TupleRow

import factbook.database.migrations as migrations_package
from factbook.database.migrate import _LOCK, MigrationStatus, migrate_down, migrate_up, migration_status, newest_revision
from factbook.database.roles import QUEUE_SCHEMA
from factbook.database.urls import DatabaseUrls
from factbook.history import Job, record_truth
from factbook.identity import create_customers
from tests.conftest import ROLE_SECRET, fresh_database
from tests.database.catalog_dump import catalog_dump, every_row
from tests.history.worked_examples import A1_APPROVE
from tests.walls.inspection import inspector

MIGRATIONS = Path(str(migrations_package.__file__)).parent / "versions"
EMPTY = "template0"  # PostgreSQL's own empty database, to which nobody connects
# Everything that the ledger's migration makes is derived from truth, so it comes back as it was.
DERIVED = ("0004",)

WAITING = """
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_COLUMNS_OF_TABLES = """
    SELECT relname::text, string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_class c JOIN pg_attribute ON attrelid = c.oid
    WHERE relnamespace = to_regnamespace('factbook') AND relkind = 'r' AND attnum > 0 AND NOT attisdropped GROUP BY relname
"""
MIGRATE = """
import sys
from factbook.database.migrate import migrate_up
from factbook.database.roles import QUEUE_SCHEMA
from factbook.database.urls import DatabaseUrls
migrate_up(DatabaseUrls(*sys.argv[2:]), sys.argv[1])
"""


def revisions() -> list[str]:
    """All revisions as Alembic follows them, oldest first."""
    config = Config()
    config.set_main_option("script_location", "factbook.database:migrations")
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


@pytest.fixture
def unmigrated(server_url: str, template: str, worker_id: str) -> DatabaseUrls:
    """An empty database on a server that has the roles."""
    return fresh_database(server_url, EMPTY, f"unmigrated_{worker_id}")


@pytest.fixture(scope="module")
async def lived_in(server_url: str, template: str, worker_id: str) -> str:
    """The name of a migrated database in which two tenants have rows in every table, and one of them a job that came after its flows."""
    name = f"lived_in_{worker_id}"
    async with inspector(fresh_database(server_url, template, name)) as opened:
        customers = await create_customers(opened.database, opened.scene.north, "api", ["late"])
        records = A1_APPROVE.records(customers["late"].id)
        # The job comes last, so that what was recorded before it enters the ledger late.
        for batch in ([record for record in records if not isinstance(record, Job)], [record for record in records if isinstance(record, Job)]):
            await record_truth(opened.database, opened.scene.north, batch, None)
    return name


@pytest.fixture
def copy(server_url: str, lived_in: str, worker_id: str) -> DatabaseUrls:
    """A copy of the database that is lived in, for one test."""
    return fresh_database(server_url, lived_in, f"copy_{worker_id}")


@contextmanager
def looking_at(urls: DatabaseUrls) -> Iterator[psycopg.Connection[TupleRow]]:
    with psycopg.connect(urls.admin, autocommit=True) as session:
        yield session


def schema_of(urls: DatabaseUrls) -> list[str]:
    with looking_at(urls) as session:
        return catalog_dump(session) + catalog_dump(session, QUEUE_SCHEMA)


def rows_of(urls: DatabaseUrls) -> dict[str, list[str]]:
    """All rows but the one that says which migration was applied last."""
    with looking_at(urls) as session:
        return {table: rows for table, rows in every_row(session).items() if table != "alembic_version"}


def columns_of(urls: DatabaseUrls) -> dict[str, str]:
    """The columns of each table in their order, as they stand in a statement."""
    with looking_at(urls) as session:
        found = dict(session.execute(_COLUMNS_OF_TABLES).fetchall())
    return {table: columns for table, columns in found.items() if table != "alembic_version"}


def rows_in(urls: DatabaseUrls, columns: dict[str, str]) -> dict[str, list[str]]:
    """All rows of these tables in these columns alone, in the form that `rows_of` gives."""
    with looking_at(urls) as session:
        return {
            table: sorted(row for (row,) in session.execute(f"SELECT ROW({listed})::text FROM factbook.{table}".encode()))
            for table, listed in columns.items()
        }


def test_down_to_base_and_up_again_leaves_the_same_schema(unmigrated: DatabaseUrls) -> None:
    migrate_up(unmigrated, ROLE_SECRET)
    first = schema_of(unmigrated)
    migrate_down(unmigrated, "base")
    migrate_up(unmigrated, ROLE_SECRET)
    assert first
    assert schema_of(unmigrated) == first


def test_base_is_the_schema_alone_with_alembics_table_that_nobody_serving_can_reach(unmigrated: DatabaseUrls) -> None:
    migrate_up(unmigrated, ROLE_SECRET)
    migrate_down(unmigrated, "base")
    left = schema_of(unmigrated)
    assert [line.split()[2] for line in left if line.startswith("relation r")] == ["alembic_version"]
    assert [line for line in left if "factbook_writer" in line or "factbook_reader" in line] == []
    assert [line for line in left if line.startswith(("relation v", "policy", "trigger", "function", "type caller_id"))] == []


def test_each_step_down_is_the_schema_before_it_and_the_step_up_again_the_schema_after_it(unmigrated: DatabaseUrls) -> None:
    below = None
    for revision in revisions():
        migrate_up(unmigrated, ROLE_SECRET, revision)
        here = schema_of(unmigrated)
        migrate_down(unmigrated)
        assert schema_of(unmigrated) != here, revision
        assert below is None or schema_of(unmigrated) == below, revision
        migrate_up(unmigrated, ROLE_SECRET, revision)
        assert schema_of(unmigrated) == here, revision
        below = here


def test_a_step_down_and_up_again_touches_no_data_of_the_revisions_below(server_url: str, lived_in: str, copy: DatabaseUrls) -> None:
    """From the newest revision to the oldest: each is taken back, applied again, and taken back for good, with all data below it in place."""
    untouched = DatabaseUrls.derive(server_url, ROLE_SECRET).for_database(lived_in)
    for revision in reversed(revisions()):
        migrate_down(copy)
        lower, columns = rows_of(copy), columns_of(copy)
        assert lower == rows_in(untouched, columns), revision
        migrate_up(copy, ROLE_SECRET, revision)
        assert rows_in(copy, columns) == lower, revision
        migrate_down(copy)
        assert rows_of(copy) == lower, revision
    assert migration_status(copy).current is None


@pytest.mark.parametrize("revision", DERIVED)
def test_what_is_derived_comes_back_byte_for_byte(copy: DatabaseUrls, revision: str) -> None:
    before = rows_of(copy)
    migrate_down(copy, f"{revision}-1")
    lower = rows_of(copy).keys()
    assert not lower & {"ledger_entries", "workflow_names"}
    migrate_up(copy, ROLE_SECRET)
    assert len(before["ledger_entries"]) > 8  # four of each tenant's own, and those of the late job
    after = rows_of(copy)
    for table in {*lower, "ledger_entries", "workflow_names"}:
        assert after[table] == before[table], table


def test_two_processes_that_migrate_at_once_both_succeed(unmigrated: DatabaseUrls) -> None:
    """Both are held at the door until both are there, so that they really race."""
    with looking_at(unmigrated) as session:
        session.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        arguments = [ROLE_SECRET, unmigrated.admin, unmigrated.owner, unmigrated.writer, unmigrated.reader, unmigrated.queue]
        racing = [subprocess.Popen([sys.executable, "-c", MIGRATE, *arguments], stderr=subprocess.PIPE, text=True) for _ in range(2)]
        while session.execute(WAITING).rowcount < len(racing):
            assert [process.poll() for process in racing] == [None, None]
            time.sleep(0.02)
        session.execute("SELECT pg_advisory_unlock_all()")
    complaints = [process.communicate(timeout=60)[1] for process in racing]
    assert [process.returncode for process in racing] == [0, 0], complaints
    assert migration_status(unmigrated).up_to_date


def test_migrating_up_again_changes_nothing(unmigrated: DatabaseUrls) -> None:
    migrate_up(unmigrated, ROLE_SECRET)
    before = schema_of(unmigrated)
    migrate_up(unmigrated, ROLE_SECRET)
    assert schema_of(unmigrated) == before


def test_the_status_tells_where_the_schema_stands(unmigrated: DatabaseUrls) -> None:
    newest = revisions()[-1]
    assert newest_revision() == newest
    assert migration_status(unmigrated) == MigrationStatus(None, newest)
    for revision in revisions():
        migrate_up(unmigrated, ROLE_SECRET, revision)
        assert migration_status(unmigrated) == MigrationStatus(revision, newest)
        assert migration_status(unmigrated).up_to_date == (revision == newest)
    migrate_down(unmigrated)
    assert migration_status(unmigrated).current == revisions()[-2]
    migrate_down(unmigrated, "base")
    assert migration_status(unmigrated) == MigrationStatus(None, newest)


def test_asking_for_the_status_changes_nothing(unmigrated: DatabaseUrls) -> None:
    migration_status(unmigrated)
    assert schema_of(unmigrated) == []


@pytest.mark.parametrize("migration", sorted(MIGRATIONS.glob("[!_]*.py")), ids=lambda path: path.stem)
def test_every_migration_has_a_way_back(migration: Path) -> None:
    functions = {node.name: node for node in ast.parse(migration.read_text()).body if isinstance(node, ast.FunctionDef)}
    statements = functions["downgrade"].body
    assert [statement for statement in statements if not isinstance(statement, ast.Pass) and not is_text(statement)]


def is_text(statement: ast.stmt) -> bool:
    """Whether the statement is a text alone, as a docstring is."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def test_every_migration_is_on_the_way_to_the_newest() -> None:
    assert len(list(MIGRATIONS.glob("[!_]*.py"))) == len(revisions())
