"""The ledger reckoned a second time, in plain Python, from the raw rows of truth.

It is what the read model is compared with, so it shares nothing with it: no query, no view, no stored name, no formatting and no sorting.
Pure: rows in, entries out. The rules are those of seed 000 section 6 and of the ledger entry on the wire.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple, Protocol
from uuid import UUID

Entry = dict[str, str | int | None]

# Position 0 is no type: orders count from 1, and the earlier type stands first at one instant.
_TYPES = ("", "NODE_ACTIVATED", "TASK_STARTED", "EVIDENCE_ATTACHED", "TASK_OUTCOME")
_ID_PREFIXES = ("", "", "start-", "", "outcome-")


class Row(Protocol):
    """One row of a truth table, its values found by column name: a dict, or a row as the driver gives it."""

    def __getitem__(self, column: str, /) -> Any:
        """The value of a column."""


@dataclass(frozen=True, slots=True)
class TruthRows:
    """Raw rows of the nine truth tables of one tenant, in any order, as `SELECT *` gives them.

    Rows that no job ties to a customer yield nothing. Flow statuses are not events and are held for completeness alone.
    """

    workflow_versions: Sequence[Row] = ()
    flow_groups: Sequence[Row] = ()
    jobs: Sequence[Row] = ()
    flows: Sequence[Row] = ()
    node_activations: Sequence[Row] = ()
    task_starts: Sequence[Row] = ()
    task_outcomes: Sequence[Row] = ()
    evidence: Sequence[Row] = ()
    flow_statuses: Sequence[Row] = ()


class PlacedEntry(NamedTuple):
    """An entry of the wire, its place in the ledger, and what decides at which basis and under which job type it shows."""

    place: tuple[datetime, int, str, str]
    visible_from: int
    job_type: str
    entry: Entry


class NamedTask(NamedTuple):
    """What a snapshot says of a task: its name, and the node that owns it."""

    name: str | None
    node_id: str | None
    node_name: str | None


@dataclass(frozen=True, slots=True)
class NamedVersion:
    """The number and the names of a workflow version."""

    version: int
    workflow_name: str | None
    node_names: dict[str, str | None]
    tasks: dict[str, NamedTask]

    @classmethod
    def read(cls, row: Row) -> "NamedVersion":
        """Read a row of `workflow_versions`, its snapshot a JSON text. What it does not name is None; missing lists count as empty."""
        snapshot = json.loads(row["snapshot"])
        nodes = snapshot.get("nodes") or []
        tasks = {task["id"]: NamedTask(task.get("name"), node["id"], node.get("name")) for node in nodes for task in node.get("tasks") or []}
        return cls(row["version"], snapshot.get("name"), {node["id"]: node.get("name") for node in nodes}, tasks)


class _Strand(NamedTuple):
    """A flow as the ledger sees it: the customer it leads to, and what all its entries have in common."""

    customer_id: UUID
    visible_from: int
    job_type: str
    job_id: str
    job_address: str | None
    flow_id: str
    workflow_id: str
    version: NamedVersion


class _Event(NamedTuple):
    """One thing that happened, before it is known to whom. `seq` is the number of its record."""

    type_order: int
    record_id: str
    at: datetime
    seq: int
    flow_id: str
    node_id: str | None
    task_id: str | None
    iteration: int | None
    actor: str | None
    evidence_type: str | None
    outcome: str | None


def reference_ledger(truth: TruthRows, customer_id: UUID, basis: int) -> list[Entry]:
    """One customer's ledger at a basis: every entry in order, with exactly the wire's keys."""
    versions = {row["id"]: NamedVersion.read(row) for row in truth.workflow_versions}
    return [placed.entry for placed in reckon(truth, versions, basis).get(customer_id, [])]


def reckon(truth: TruthRows, versions: Mapping[str, NamedVersion], basis: int) -> dict[UUID, list[PlacedEntry]]:
    """The ledgers of all customers whose jobs are among the rows, each in order. `versions` holds every pinned version by its id.

    An entry shows when its own record and the records that tie it to the customer (flow, group, job) carry a number at or below `basis`.
    """
    strands = _strands(truth, versions)
    ledgers: dict[UUID, list[PlacedEntry]] = {row["customer_id"]: [] for row in truth.jobs}
    for event in _events(truth):
        strand = strands.get(event.flow_id)
        if strand is not None and max(event.seq, strand.visible_from) <= basis:
            ledgers[strand.customer_id].append(_placed(event, strand))
    for ledger in ledgers.values():
        ledger.sort(key=attrgetter("place"))
    return ledgers


def _strands(truth: TruthRows, versions: Mapping[str, NamedVersion]) -> dict[str, _Strand]:
    """The flows that lead to a customer, by id. A group without a job leads to nobody."""
    groups = {row["id"]: row for row in truth.flow_groups}
    jobs = {row["flow_group_id"]: row for row in truth.jobs}
    strands = {}
    for flow in truth.flows:
        job = jobs.get(flow["flow_group_id"])
        if job is not None:
            group = groups[flow["flow_group_id"]]
            strands[flow["id"]] = _Strand(
                customer_id=job["customer_id"],
                visible_from=max(job["recorded_seq"], group["recorded_seq"], flow["recorded_seq"]),
                job_type=group["scope_type"],
                job_id=job["id"],
                job_address=job["address"],
                flow_id=flow["id"],
                workflow_id=flow["workflow_id"],
                version=versions[flow["workflow_version_id"]],
            )
    return strands


def _events(truth: TruthRows) -> Iterator[_Event]:
    """All events of the rows, in no order. Evidence has the iteration of the execution it names, and none when it names none."""
    starts = {row["id"]: row for row in truth.task_starts}
    activations = (
        _Event(1, r["id"], r["activated_at"], r["recorded_seq"], r["flow_id"], r["node_id"], None, r["iteration"], None, None, None)
        for r in truth.node_activations
    )
    started = (
        _Event(2, r["id"], r["started_at"], r["recorded_seq"], r["flow_id"], None, r["task_id"], r["iteration"], r["started_by"], None, None)
        for r in truth.task_starts
    )
    attached = (_attached(row, starts.get(row["task_execution_id"])) for row in truth.evidence)
    ended = (_ended(row, starts[row["task_execution_id"]]) for row in truth.task_outcomes)
    return chain(activations, started, attached, ended)


def _attached(row: Row, start: Row | None) -> _Event:
    return _Event(
        3,
        row["id"],
        row["attached_at"],
        row["recorded_seq"],
        row["flow_id"],
        None,
        row["task_id"],
        start["iteration"] if start is not None else None,
        row["attached_by"],
        row["evidence_type"],
        None,
    )


def _ended(row: Row, start: Row) -> _Event:
    """An outcome goes by the id of the execution it ends, and happens in that execution's flow."""
    return _Event(
        4,
        start["id"],
        row["outcome_at"],
        row["recorded_seq"],
        start["flow_id"],
        None,
        start["task_id"],
        start["iteration"],
        row["outcome_by"],
        None,
        row["outcome"],
    )


_UNNAMED = NamedTask(None, None, None)


def _placed(event: _Event, strand: _Strand) -> PlacedEntry:
    version = strand.version
    if event.task_id is None:
        task_name, node_id, node_name = None, event.node_id, version.node_names.get(event.node_id or "")
    else:
        task_name, node_id, node_name = version.tasks.get(event.task_id, _UNNAMED)
    entry: Entry = {
        "type": _TYPES[event.type_order],
        "id": _ID_PREFIXES[event.type_order] + event.record_id,
        "timestamp": _instant(event.at),
        "job_id": strand.job_id,
        "job_address": strand.job_address,
        "flow_id": strand.flow_id,
        "workflow_id": strand.workflow_id,
        "workflow_name": version.workflow_name,
        "workflow_version": version.version,
        "node_id": node_id,
        "node_name": node_name,
        "task_id": event.task_id,
        "task_name": task_name,
        "iteration": event.iteration,
        "actor": event.actor,
        "evidence_type": event.evidence_type,
        "outcome": event.outcome,
    }
    place = (event.at, event.type_order, strand.job_id, event.record_id)
    return PlacedEntry(place, max(event.seq, strand.visible_from), strand.job_type, entry)


def _instant(at: datetime) -> str:
    """`2026-01-01T00:00:00.000Z`, whatever zone the driver gave the instant in."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
