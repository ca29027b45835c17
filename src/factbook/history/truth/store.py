"""All SQL of the truth recorder. Every statement runs in the caller's transaction, behind the tenant's head row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from factbook.database.pools import Connection
from factbook.history.truth.model import FlowGroup, Job, Record, RecordType
from factbook.history.truth.rules import Known, Numbered, Wanted
from factbook.identity import existing_customers


@dataclass(frozen=True, slots=True)
class _Table:
    """A truth table: its name and its columns after tenant and number, in the order of `Record.content()`, with their types."""

    name: str
    columns: dict[str, str]


_TABLES = {
    RecordType.WORKFLOW_VERSION: _Table(
        "workflow_versions",
        {"id": "text", "workflow_id": "text", "version": "int", "snapshot": "json", "published_at": "timestamptz", "published_by": "text"},
    ),
    RecordType.FLOW_GROUP: _Table("flow_groups", {"id": "text", "scope_type": "text", "scope_id": "text", "created_at": "timestamptz"}),
    RecordType.JOB: _Table("jobs", {"id": "text", "customer_id": "uuid", "flow_group_id": "text", "address": "text", "created_at": "timestamptz"}),
    RecordType.FLOW: _Table(
        "flows", {"id": "text", "workflow_id": "text", "workflow_version_id": "text", "flow_group_id": "text", "created_at": "timestamptz"}
    ),
    RecordType.NODE_ACTIVATION: _Table(
        "node_activations", {"id": "text", "flow_id": "text", "node_id": "text", "iteration": "int", "activated_at": "timestamptz"}
    ),
    RecordType.TASK_START: _Table(
        "task_starts",
        {
            "id": "text",
            "flow_id": "text",
            "task_id": "text",
            "node_activation_id": "text",
            "iteration": "int",
            "started_at": "timestamptz",
            "started_by": "text",
        },
    ),
    RecordType.TASK_OUTCOME: _Table(
        "task_outcomes", {"id": "text", "task_execution_id": "text", "outcome": "text", "outcome_at": "timestamptz", "outcome_by": "text"}
    ),
    RecordType.EVIDENCE: _Table(
        "evidence",
        {
            "id": "text",
            "flow_id": "text",
            "task_id": "text",
            "task_execution_id": "text",
            "evidence_type": "text",
            "data": "json",
            "attached_at": "timestamptz",
            "attached_by": "text",
        },
    ),
    RecordType.FLOW_STATUS: _Table(
        "flow_statuses", {"id": "text", "flow_id": "text", "status": "text", "reason": "text", "changed_at": "timestamptz"}
    ),
}

LEDGER_COLUMNS = """tenant_id, customer_id, at, type_order, job_id, record_id, visible_from, job_address, job_type, flow_id, workflow_id,
    workflow_name, workflow_version, node_id, node_name, task_id, task_name, iteration, actor, evidence_type, outcome"""


# A recorder knows the keys it wants, so each statement is to walk from them along unique indexes, whatever the statistics say: during a large
# import they lag far behind, and a plan that reads all of a tenant's rows, or one kept from when the tables were small, would make each batch
# slower than the one before.
_WALK_ALONG_KEYS = """
    SET LOCAL join_collapse_limit = 1; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_material = off;
    SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off
"""
_PLAN_ANEW = "SET LOCAL plan_cache_mode = force_custom_plan"
# For inserting: it would have each foreign key check planned for each row.
_KEEP_PLANS = "SET LOCAL plan_cache_mode = auto"


async def lock_head(connection: Connection, tenant_id: UUID) -> int:
    """The number of the tenant's last record, held until the transaction ends: recorders of one tenant go one after another."""
    await connection.execute(f"{_WALK_ALONG_KEYS}; {_PLAN_ANEW}")
    await connection.execute("INSERT INTO truth_heads (tenant_id, last_seq) VALUES ($1, 0) ON CONFLICT DO NOTHING", tenant_id)
    head: int = await connection.fetchval("SELECT last_seq FROM truth_heads WHERE tenant_id = $1 FOR UPDATE", tenant_id)
    return head


async def look_up(connection: Connection, tenant_id: UUID, wanted: Wanted) -> Known:
    """What is recorded of the ids in `wanted`. Takes the head's lock first, so the answer holds until the transaction ends."""
    head = await lock_head(connection, tenant_id)
    contents: dict[RecordType, dict[str, tuple[object, ...]]] = {}
    for kind, ids in wanted.ids.items():
        found = await _rows(connection, tenant_id, _TABLES[kind].name, "id", _TABLES[kind].columns, ids)
        contents[kind] = {row["id"]: tuple(row) for row in found}
    parents: dict[RecordType, set[str]] = {}
    for kind, ids in wanted.parents.items():
        parents[kind] = {row["id"] for row in await _rows(connection, tenant_id, _TABLES[kind].name, "id", ("id",), ids)}
    outcomes = await _rows(connection, tenant_id, "task_outcomes", "task_execution_id", ("task_execution_id", "id"), wanted.executions)
    jobs = await _rows(connection, tenant_id, "jobs", "flow_group_id", ("flow_group_id", "id"), wanted.groups)
    return Known(
        head=head,
        contents=contents,
        parents=parents,
        customers=await existing_customers(connection, tenant_id, wanted.customers) if wanted.customers else set(),
        outcomes={row["task_execution_id"]: row["id"] for row in outcomes},
        jobs={row["flow_group_id"]: row["id"] for row in jobs},
    )


async def _rows(
    connection: Connection, tenant_id: UUID, table: str, key: str, columns: Iterable[str], values: Sequence[str]
) -> Sequence[asyncpg.Record]:
    """The columns of those rows of the table whose `key`, unique within the tenant, is among the values."""
    if not values:
        return []
    shown = ", ".join(f"t.{column}" for column in columns)
    # An outer join begins at the keys; the condition leaves the matches, and the planner does not see that it does.
    query = f"""
        SELECT {shown} FROM unnest($2::text[]) AS wanted (key) LEFT JOIN {table} t ON t.tenant_id = $1 AND t.{key} = wanted.key
        WHERE coalesce(t.{key}, '') <> ''
    """
    return await connection.fetch(query, tenant_id, values)


async def append(connection: Connection, tenant_id: UUID, new: Sequence[Numbered]) -> None:
    """Insert the numbered records, one statement per type, parents first."""
    await connection.execute(_KEEP_PLANS)
    by_type: dict[RecordType, list[Numbered]] = {}
    for numbered in new:
        by_type.setdefault(numbered.record.record_type, []).append(numbered)
    for kind in RecordType:
        if kind in by_type:
            await _insert(connection, tenant_id, _TABLES[kind], by_type[kind])


async def _insert(connection: Connection, tenant_id: UUID, table: _Table, rows: list[Numbered]) -> None:
    arrays = ", ".join(f"${place}::{sql_type}[]" for place, sql_type in enumerate(table.columns.values(), start=3))
    statement = f"""
        INSERT INTO {table.name} (tenant_id, recorded_seq, {", ".join(table.columns)})
        SELECT $1, * FROM unnest($2::bigint[], {arrays})
    """
    columns = zip(*(row.record.content() for row in rows), strict=True)
    await connection.execute(statement, tenant_id, [row.seq for row in rows], *(list(column) for column in columns))


async def advance_head(connection: Connection, tenant_id: UUID, head: int, basis: int, recorded_by: UUID | None, recorded_at: datetime) -> None:
    """Move the head from `head` to `basis` and note who recorded the numbers between, and when."""
    await connection.execute("UPDATE truth_heads SET last_seq = $2 WHERE tenant_id = $1", tenant_id, basis)
    await connection.execute(
        "INSERT INTO truth_batches (tenant_id, first_seq, last_seq, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5)",
        tenant_id,
        head + 1,
        basis,
        recorded_by,
        recorded_at,
    )


async def project(connection: Connection, tenant_id: UUID, head: int, new: Sequence[Record]) -> None:
    """Carry what was recorded after `head` into the names and the ledger, by the views that define both."""
    await connection.execute(_PLAN_ANEW)
    kinds = {record.record_type for record in new}
    if RecordType.WORKFLOW_VERSION in kinds:
        await connection.execute(
            """
            INSERT INTO workflow_names (tenant_id, workflow_version_id, part, id, name, node_id, node_name)
            SELECT tenant_id, workflow_version_id, part, id, name, node_id, node_name
            FROM workflow_names_from_truth WHERE tenant_id = $1 AND recorded_seq > $2
            """,
            tenant_id,
            head,
        )
    if kinds & {RecordType.NODE_ACTIVATION, RecordType.TASK_START, RecordType.TASK_OUTCOME, RecordType.EVIDENCE}:
        await connection.execute(_project("ledger_from_new_truth", "recorded_seq > $2"), tenant_id, head)
    groups = {record.id for record in new if isinstance(record, FlowGroup)}
    if any(isinstance(record, Job) and record.flow_group_id not in groups for record in new):
        # A job may come after the flows of its group: everything recorded there before now belongs to its customer too.
        await connection.execute("SET LOCAL join_collapse_limit = 8")  # here the walk begins at the job, not at the entry
        await connection.execute(_project("ledger_from_truth", "job_recorded_seq > $2 AND recorded_seq <= $2"), tenant_id, head)


def _project(view: str, condition: str) -> str:
    return f"""
        INSERT INTO ledger_entries ({LEDGER_COLUMNS})
        SELECT {LEDGER_COLUMNS} FROM {view} WHERE tenant_id = $1 AND {condition}
    """
