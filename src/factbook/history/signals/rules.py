"""Derives the health signals of a customer from jobs, flow conditions and outcomes (history facts, section 3.4).

Pure. Counts are integers and the rate is a decimal text, so the same truth gives the same bytes on every machine.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from factbook.history.overview.model import JobStanding
from factbook.history.truth.model import FlowStatus

_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A TASK_OUTCOME entry of the ledger."""

    record_id: str
    outcome: str
    outcome_at: datetime
    outcome_by: str | None
    job_id: str
    flow_id: str
    workflow_id: str
    workflow_name: str | None
    node_id: str | None
    node_name: str | None
    task_id: str
    task_iteration: int


@dataclass(frozen=True, slots=True)
class BlockedNode:
    """A logical node, the same in all versions of a workflow, and where the customer's flows were blocked at it."""

    workflow_name: str | None
    node_name: str | None
    jobs: int
    occurrences: int


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How many of the nodes that blocked at all blocked in two or more jobs. `rate` has four places; None when none blocked."""

    rate: str | None
    numerator: int
    denominator: int
    nodes: list[BlockedNode]


def recurrence_of_blocked_nodes(blocking: Sequence[Outcome]) -> Recurrence:
    """The recurrence over the last outcome of each BLOCKED flow: the outcome whose consequences blocked it.

    Node ids change with every version of a workflow, so nodes are told apart by name; one that its snapshot does not name goes by its id.
    """
    occurrences: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in blocking:
        node = (outcome.workflow_name or outcome.workflow_id, outcome.node_name or outcome.node_id or outcome.task_id)
        occurrences.setdefault(node, []).append(outcome)
    nodes = [
        BlockedNode(found[0].workflow_name, found[0].node_name, len({outcome.job_id for outcome in found}), len(found))
        for _, found in sorted(occurrences.items())
    ]
    nodes.sort(key=lambda node: -node.jobs)
    recurring = sum(node.jobs >= 2 for node in nodes)
    return Recurrence(_rate(recurring, len(nodes)), recurring, len(nodes), nodes)


def _rate(numerator: int, denominator: int) -> str | None:
    if denominator == 0:
        return None
    return str((Decimal(numerator) / Decimal(denominator)).quantize(_PLACES, ROUND_HALF_EVEN))


def jobs_by_signal(jobs: Sequence[JobStanding]) -> dict[FlowStatus, int]:
    """How many jobs stand in each condition, all four always present."""
    counted = Counter(job.derived_signal for job in jobs)
    return {status: counted[status] for status in FlowStatus}
