"""Tenants, customers and bytes for the tests of history: everything goes in through `record_truth` and comes out through the ledger's queries."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from factbook.access import create_tenant
from factbook.database.pools import Database
from factbook.history.ledger.queries import every_entry, head_of
from factbook.history.truth.model import Record
from factbook.history.truth.operations import record_truth
from factbook.history.verification.reference import TruthRows
from factbook.identity import create_customers
from factbook.kernel.canonical import canonical_line
from factbook.kernel.ids import new_id

TRUTH_TABLES = (
    "workflow_versions",
    "flow_groups",
    "jobs",
    "flows",
    "node_activations",
    "task_starts",
    "task_outcomes",
    "evidence",
    "flow_statuses",
)


async def new_tenant(database: Database) -> UUID:
    return await create_tenant(database, f"tenant {new_id()}")


async def new_customers(database: Database, tenant_id: UUID, count: int) -> list[UUID]:
    identifiers = [f"customer {number}" for number in range(count)]
    customers = await create_customers(database, tenant_id, "api", identifiers)
    return [customers[identifier].id for identifier in identifiers]


async def new_customer(database: Database, tenant_id: UUID) -> UUID:
    (customer_id,) = await new_customers(database, tenant_id, 1)
    return customer_id


async def record(database: Database, tenant_id: UUID, records: Sequence[Record]) -> int:
    """Record the batch and return the basis after it."""
    return (await record_truth(database, tenant_id, records, None)).basis


async def ledger(database: Database, tenant_id: UUID, customer_id: UUID, basis: int | None = None) -> list[dict[str, Any]]:
    """The entries of one customer's ledger at a basis, the present one unless given."""
    async with database.reading(tenant_id) as connection:
        settled = await head_of(connection, tenant_id) if basis is None else basis
        return [entry async for entry in every_entry(connection, tenant_id, customer_id, settled)]


def ledger_bytes(entries: Sequence[dict[str, Any]]) -> bytes:
    """What the digest is taken of."""
    return b"".join(map(canonical_line, entries))


async def truth_rows(database: Database, tenant_id: UUID) -> TruthRows:
    """All truth of a tenant, raw."""
    async with database.reading(tenant_id) as connection:
        tables = {table: [dict(row) for row in await connection.fetch(f"SELECT * FROM {table}")] for table in TRUTH_TABLES}
    return TruthRows(**tables)
