"""The intact house: its walls stand, it works, and the catalog has no table, key or column that could let something through."""

import psycopg
import pytest

from factbook.database.urls import DatabaseUrls
from tests.walls.attempts import Session
from tests.walls.inspection import Inspector, faults
from tests.walls.relations import relations

TRUTH = {
    "workflow_versions",
    "flow_groups",
    "jobs",
    "flows",
    "node_activations",
    "task_starts",
    "task_outcomes",
    "evidence",
    "flow_statuses",
    "truth_batches",
    "conversation_links",
    "design_versions",
    "person_erasures",
    "person_merges",
}
# Keys and indexes that do not start with the tenant, each with the reason.
WITHOUT_TENANT = {
    "tenants_name_key": "a tenant's name is unique among all tenants, and is how a command finds its id",
    "alembic_version_pkc": "which migration was applied last is the same for all tenants",
}
# Tables that refer to no other, each with the reason.
WITHOUT_REFERENCE = {
    "tenants": "it is what all others refer to in the end",
    "ledger_entries": "it is derived, by one view, from rows that do; what differs from the view is found by verification",
}
# Seed 000, compliance of EPIC-10 and EPIC-11: neither customers nor jobs carry a status or a summary of what was done.
FORBIDDEN_COLUMN = "last_|status|stage|grade|outcome|count|total|score|history|vault|evidence|lifecycle|current"

FIRST_COLUMNS = """
    SELECT i.indexrelid::regclass::text, (SELECT attname FROM pg_attribute WHERE attrelid = i.indrelid AND attnum = i.indkey[0])
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'factbook'::regnamespace
    UNION ALL
    SELECT conname::text, (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1])
    FROM pg_constraint WHERE connamespace = 'factbook'::regnamespace AND contype IN ('p', 'u', 'f', 'x')
"""


async def test_an_intact_house_has_no_faults(intact: DatabaseUrls) -> None:
    assert await faults(intact) == []


async def test_a_table_that_the_story_leaves_empty_is_a_fault(scratch: Inspector) -> None:
    with psycopg.connect(scratch.urls.owner, autocommit=True) as owner:
        owner.execute("CREATE TABLE novelties (tenant_id uuid PRIMARY KEY REFERENCES tenants, note text)")
        owner.execute("GRANT SELECT, INSERT ON novelties TO factbook_writer; GRANT SELECT ON novelties TO factbook_reader")
        try:
            found = await faults(scratch.urls)
        finally:
            owner.execute("DROP TABLE novelties")
    assert "novelties: the owner finds none of the rows that each tenant should have in it: 0 rows" in found
    assert "novelties: row-level security does not hold the reader: 0 rows" in found
    assert all(fault.startswith("novelties: ") for fault in found)


def test_row_level_security_is_enabled_and_forced_on_every_table(catalog: Session) -> None:
    tables = catalog.execute(
        """
        SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class
        WHERE relnamespace = 'factbook'::regnamespace AND relkind NOT IN ('i', 'I', 'v', 'S')
        """
    ).fetchall()
    assert len(tables) == sum(not relation.is_view for relation in relations(catalog))
    assert [name for name, enabled, forced in tables if not (enabled and forced)] == []


def test_every_view_reads_as_its_caller(catalog: Session) -> None:
    views = catalog.execute(
        "SELECT relname, reloptions FROM pg_class WHERE relnamespace = 'factbook'::regnamespace AND relkind IN ('v', 'm')"
    ).fetchall()
    assert views
    assert [name for name, options in views if "security_invoker=true" not in (options or [])] == []


def test_every_key_and_index_starts_with_the_tenant(catalog: Session) -> None:
    firsts = catalog.execute(FIRST_COLUMNS).fetchall()
    assert {name for name, first in firsts if first != "tenant_id"} == WITHOUT_TENANT.keys()


def test_every_reference_starts_with_the_tenant_on_both_sides_and_deletes_nothing(catalog: Session) -> None:
    references = catalog.execute(
        """
        SELECT conname, (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1]),
               (SELECT attname FROM pg_attribute WHERE attrelid = confrelid AND attnum = confkey[1]),
               confdeltype::text || confupdtype::text
        FROM pg_constraint WHERE connamespace = 'factbook'::regnamespace AND contype = 'f'
        """
    ).fetchall()
    assert references
    assert [name for name, *rest in references if rest != ["tenant_id", "tenant_id", "aa"]] == []


def test_every_table_of_a_tenant_refers_to_one(catalog: Session) -> None:
    """By a reference to tenants, or to a table that has one: no row can stand under a tenant who does not exist.

    The ledger's rows are what a view shows of rows that refer to one; checking each of them again would cost a quarter of writing it.
    """
    tables = {relation.name for relation in relations(catalog) if relation.of_tenants and not relation.is_view}
    referring = catalog.execute(
        "SELECT conrelid::regclass::text FROM pg_constraint WHERE connamespace = 'factbook'::regnamespace AND contype = 'f'"
    ).fetchall()
    assert tables - {name for (name,) in referring} == WITHOUT_REFERENCE.keys()


def test_the_tables_of_truth_are_recorded_once(catalog: Session) -> None:
    assert {relation.name for relation in relations(catalog) if relation.is_immutable} == TRUTH


def test_customers_have_exactly_five_columns(catalog: Session) -> None:
    (customers,) = [relation for relation in relations(catalog) if relation.name == "customers"]
    assert customers.columns == ("tenant_id", "id", "channel", "normalized_identifier", "created_at")


@pytest.mark.parametrize("table", ["customers", "jobs"])
def test_no_column_hints_at_a_status_or_summary(catalog: Session, table: str) -> None:
    hints = catalog.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND attname ~* %s", (table, FORBIDDEN_COLUMN)
    ).fetchall()
    assert hints == []
