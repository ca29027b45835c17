"""All SQL of the verification but that of the numbering: raw reads of truth, what the read model adds to its entries, and its rebuild."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from factbook.database.pools import Connection
from factbook.history.truth.store import LEDGER_COLUMNS as LEDGER_COLUMNS
from factbook.history.verification.reference import Row, TruthRows

_FETCHED_AT_ONCE = 1000


class Listed(NamedTuple):
    """A customer to verify. `entries` counts the rows of the read model; `of` is the number of customers in the whole list."""

    customer_id: UUID
    has_jobs: bool
    entries: int
    of: int


async def customers_to_verify(connection: Connection, tenant_id: UUID) -> AsyncIterator[Listed]:
    """All customers that have jobs or rows in the read model, by id. Both sides are read off an index that starts with tenant and customer."""
    statement = """
        SELECT customer_id, j.customer_id IS NOT NULL AS has_jobs, coalesce(entries, 0) AS entries, count(*) OVER () AS of
        FROM (SELECT DISTINCT customer_id FROM jobs WHERE tenant_id = $1) AS j
        FULL JOIN (SELECT customer_id, count(*) AS entries FROM ledger_entries WHERE tenant_id = $1 GROUP BY customer_id) AS e
            USING (customer_id)
        ORDER BY customer_id
    """
    async for row in connection.cursor(statement, tenant_id, prefetch=_FETCHED_AT_ONCE):
        yield Listed(*row)


async def truth_of(connection: Connection, tenant_id: UUID, customer_ids: Sequence[UUID]) -> TruthRows:
    """The raw rows behind these customers' ledgers, but for workflow versions, which flows share and `versions_of` reads.

    Walks the indexes from customer to jobs, groups, flows and records. What evidence holds is left where it is: no entry shows it.
    """

    async def rows(table: str, columns: str, key: str, values: Iterable[object]) -> Sequence[Row]:
        kind = "uuid" if key == "customer_id" else "text"
        statement = f"SELECT recorded_seq, id, {columns} FROM {table} WHERE tenant_id = $1 AND {key} = ANY($2::{kind}[])"
        return await connection.fetch(statement, tenant_id, list(values))

    jobs = await rows("jobs", "customer_id, flow_group_id, address", "customer_id", customer_ids)
    groups = [job["flow_group_id"] for job in jobs]
    flows = await rows("flows", "workflow_id, workflow_version_id, flow_group_id", "flow_group_id", groups)
    flow_ids = [flow["id"] for flow in flows]
    starts = await rows("task_starts", _START, "flow_id", flow_ids)
    evidence = await rows("evidence", "flow_id, task_id, task_execution_id, evidence_type, attached_at, attached_by", "flow_id", flow_ids)
    start_ids = {start["id"] for start in starts}
    # Evidence may name an execution of a flow that is not among these: its iteration counts, its start and outcome are another's.
    foreign = {row["task_execution_id"] for row in evidence} - start_ids - {None}
    return TruthRows(
        jobs=jobs,
        flow_groups=await rows("flow_groups", "scope_type", "id", groups),
        flows=flows,
        node_activations=await rows("node_activations", "flow_id, node_id, iteration, activated_at", "flow_id", flow_ids),
        task_starts=[*starts, *(await rows("task_starts", _START, "id", foreign) if foreign else ())],
        task_outcomes=await rows("task_outcomes", "task_execution_id, outcome, outcome_at, outcome_by", "task_execution_id", start_ids),
        evidence=evidence,
    )


_START = "flow_id, task_id, iteration, started_at, started_by"


async def versions_of(connection: Connection, tenant_id: UUID, version_ids: Iterable[str]) -> Sequence[Row]:
    """The raw rows of these workflow versions."""
    statement = "SELECT id, version, snapshot FROM workflow_versions WHERE tenant_id = $1 AND id = ANY($2::text[])"
    return await connection.fetch(statement, tenant_id, list(version_ids))


async def hidden_of(connection: Connection, tenant_id: UUID, customer_ids: Sequence[UUID], basis: int | None) -> dict[UUID, str]:
    """What the read model holds of each entry beside what it shows, by customer: `visible_from`, length of the job type, job type, entry by entry.

    With a basis, of the entries visible at it alone; a customer without entries is left out.
    """
    rows = await connection.fetch(
        """
        SELECT customer_id,
               string_agg(visible_from || ' ' || length(job_type) || ' ' || job_type, ' ' ORDER BY at, type_order, job_id, record_id) AS hidden
        FROM ledger_entries
        WHERE tenant_id = $1 AND customer_id = ANY($2) AND ($3::bigint IS NULL OR visible_from <= $3)
        GROUP BY customer_id
        """,
        tenant_id,
        customer_ids,
        basis,
    )
    return {row["customer_id"]: row["hidden"] for row in rows}


async def hold_head(connection: Connection, tenant_id: UUID) -> None:
    """Keep recorders of the tenant waiting until the transaction ends."""
    await connection.execute("SELECT last_seq FROM truth_heads WHERE tenant_id = $1 FOR UPDATE", tenant_id)


async def count_wrong_names(connection: Connection, tenant_id: UUID) -> int:
    """How many workflows, nodes and tasks have a stored name that their snapshot does not give, or lack one that it gives."""
    columns = "workflow_version_id, part, id, name, node_id, node_name"
    stored = f"SELECT {columns} FROM workflow_names WHERE tenant_id = $1"
    derived = f"SELECT {columns} FROM workflow_names_from_truth WHERE tenant_id = $1"
    statement = f"""
        SELECT count(DISTINCT (workflow_version_id, part, id))
        FROM (({stored} EXCEPT {derived}) UNION ALL ({derived} EXCEPT {stored})) AS wrong
    """
    wrong: int = await connection.fetchval(statement, tenant_id)
    return wrong


async def rebuild_names(connection: Connection, tenant_id: UUID) -> None:
    """Drop the tenant's stored names and derive them again. Only the owner may."""
    columns = "tenant_id, workflow_version_id, part, id, name, node_id, node_name"
    await connection.execute("DELETE FROM workflow_names WHERE tenant_id = $1", tenant_id)
    await connection.execute(
        f"INSERT INTO workflow_names ({columns}) SELECT {columns} FROM workflow_names_from_truth WHERE tenant_id = $1", tenant_id
    )


async def rebuild_ledgers(connection: Connection, tenant_id: UUID, customer_ids: Sequence[UUID]) -> None:
    """Drop the read model of these customers and derive it again. Only the owner may."""
    await connection.execute("DELETE FROM ledger_entries WHERE tenant_id = $1 AND customer_id = ANY($2)", tenant_id, customer_ids)
    await connection.execute(
        f"""
        INSERT INTO ledger_entries ({LEDGER_COLUMNS})
        SELECT {LEDGER_COLUMNS} FROM ledger_from_truth WHERE tenant_id = $1 AND customer_id = ANY($2)
        """,
        tenant_id,
        customer_ids,
    )
