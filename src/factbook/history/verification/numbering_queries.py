"""Verifies the numbering of truth: the nine tables together hold each number from 1 to the head once, and the batches cover the same.

All reads are index-only on (tenant, recorded_seq), one stretch of numbers at a time, so that no statement grows with the tenant.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from factbook.database.pools import Connection

_TABLES = (
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
_STRETCH = 1_000_000  # numbers looked at by one statement: well under a second
_MOST_FAULTS = 100  # enough to see the cause; a tenant with more is broken, not in need of a longer list


class FaultKind(StrEnum):
    """No record has the number, several have it, a record's number lies below 1 or above the head, the batches leave it out or hold it twice."""

    MISSING = "missing"
    REPEATED = "repeated"
    OUT_OF_RANGE = "out_of_range"
    BATCH = "batch"


@dataclass(frozen=True, slots=True)
class NumberingFault:
    """What is wrong with the numbers `first` to `last`, both included."""

    kind: FaultKind
    first: int
    last: int


async def numbering_faults(connection: Connection, tenant_id: UUID, head: int) -> list[NumberingFault]:
    """What is wrong with the numbers of the records, then with the batches, at most a hundred of each; nothing when the numbering is whole."""
    faults = await _out_of_range(connection, tenant_id, head)
    for first in range(1, head + 1, _STRETCH):
        if len(faults) >= _MOST_FAULTS:
            break
        faults += await _within(connection, tenant_id, first, min(first + _STRETCH - 1, head))
    return [*faults[:_MOST_FAULTS], *await _batches(connection, tenant_id, head)]


def _numbers(condition: str) -> str:
    return " UNION ALL ".join(f"SELECT recorded_seq FROM {table} WHERE tenant_id = $1 AND {condition}" for table in _TABLES)


async def _out_of_range(connection: Connection, tenant_id: UUID, head: int) -> list[NumberingFault]:
    statement = f"""
        SELECT recorded_seq FROM ({_numbers("recorded_seq < 1")} UNION ALL {_numbers("recorded_seq > $2")}) AS outside
        ORDER BY recorded_seq LIMIT {_MOST_FAULTS}
    """
    rows = await connection.fetch(statement, tenant_id, head)
    return [NumberingFault(FaultKind.OUT_OF_RANGE, row["recorded_seq"], row["recorded_seq"]) for row in rows]


async def _within(connection: Connection, tenant_id: UUID, first: int, last: int) -> list[NumberingFault]:
    """Compare each number with the one before it; the number after the stretch is put in, so that a gap at the end shows too."""
    statement = f"""
        SELECT recorded_seq, previous
        FROM (
            SELECT recorded_seq, lag(recorded_seq, 1, $2::bigint - 1) OVER (ORDER BY recorded_seq) AS previous
            FROM ({_numbers("recorded_seq BETWEEN $2 AND $3")} UNION ALL SELECT $3::bigint + 1) AS numbers
        ) AS neighbours
        WHERE recorded_seq <> previous + 1 ORDER BY recorded_seq LIMIT {_MOST_FAULTS}
    """
    return [_fault_between(row["previous"], row["recorded_seq"]) for row in await connection.fetch(statement, tenant_id, first, last)]


def _fault_between(previous: int, number: int) -> NumberingFault:
    if number == previous:
        return NumberingFault(FaultKind.REPEATED, number, number)
    return NumberingFault(FaultKind.MISSING, previous + 1, number - 1)


async def _batches(connection: Connection, tenant_id: UUID, head: int) -> list[NumberingFault]:
    """Compare the start of each batch with the end of the one before it; a last one, put in after the head, closes the row."""
    statement = f"""
        SELECT first_seq, previous
        FROM (
            SELECT first_seq, lag(last_seq, 1, 0::bigint) OVER (ORDER BY first_seq, last_seq) AS previous
            FROM (
                SELECT first_seq, last_seq FROM truth_batches WHERE tenant_id = $1
                UNION ALL SELECT $2::bigint + 1, $2::bigint + 1
            ) AS batches
        ) AS neighbours
        WHERE first_seq <> previous + 1 ORDER BY first_seq LIMIT {_MOST_FAULTS}
    """
    rows = await connection.fetch(statement, tenant_id, head)
    spans = [(min(row["first_seq"], row["previous"] + 1), max(row["first_seq"] - 1, row["previous"])) for row in rows]
    return [NumberingFault(FaultKind.BATCH, first, last) for first, last in spans]
