"""Health signals: the condition of a job, the last outcome of all jobs, and how often the same nodes block."""

from dataclasses import astuple
from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest

from factbook.database.pools import Database
from factbook.history.overview.model import derived_signal
from factbook.history.signals.answers import customer_signals
from factbook.history.signals.rules import Recurrence, recurrence_of_blocked_nodes
from factbook.history.signals.wire import Signals
from factbook.history.truth.model import Flow, FlowGroup, FlowStatus, FlowStatusChange, Job, Record, TaskOutcome, TaskStart, WorkflowVersion
from factbook.kernel.canonical import canonical_json
from tests.history.recording import new_customer, record
from tests.history.scenarios import START, Scenario, Workflow

ACTIVE, COMPLETED, SUSPENDED, BLOCKED = FlowStatus


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], ACTIVE),
        ([ACTIVE], ACTIVE),
        ([COMPLETED, COMPLETED], COMPLETED),
        ([COMPLETED, BLOCKED], BLOCKED),
        ([SUSPENDED, BLOCKED], BLOCKED),
        ([ACTIVE, SUSPENDED], SUSPENDED),
        ([COMPLETED, ACTIVE], ACTIVE),
    ],
)
def test_a_jobs_condition_follows_from_its_flows_in_any_order(statuses: list[FlowStatus], expected: FlowStatus) -> None:
    """Example F1."""
    assert {derived_signal(order) for order in permutations(statuses)} == {expected}


SOURCE = Workflow("Source", {"A Approval": ["A1"], "B Billing": ["B1"]})
OTHER = Workflow("Other", {"X Export": ["X1"]})

# Example F11. Two blocked flows are of two versions of the workflow Source, whose ids have nothing in common.
RECURRING = Scenario(
    "F11 a node blocks in two jobs",
    {"f1": (SOURCE, "g1"), "f3": (OTHER, "g3"), "f4": (OTHER, "g4")},
    trace="""
        1 f1 ST A1
        2 f1 OUT A1 APPROVED
        3 f1 IS BLOCKED
        4 f3 ST X1
        5 f3 OUT X1 SENT
        6 f3 IS BLOCKED
        7 f4 ST X1
        8 f4 OUT X1 SENT
        9 f4 IS COMPLETED
    """,
    ledger="",
    job_signals={"job-g1": "BLOCKED", "job-g3": "BLOCKED", "job-g4": "COMPLETED"},
)


def second_version(customer_id: UUID) -> list[Record]:
    """Job `job-g2` in version 2 of Source, every id of which is new, blocked at the node of the same name."""
    nodes = [{"id": "node-9", "name": "Approval", "tasks": [{"id": "task-9", "name": "Task A1"}]}]
    at = START + timedelta(seconds=10)
    return [
        WorkflowVersion(id="source-v2", workflow_id="wf-source-2", version=2, snapshot={"name": "Source", "nodes": nodes}),
        FlowGroup(id="g2", scope_type="job", scope_id="exec_g2", created_at=START),
        Job(id="job-g2", customer_id=customer_id, flow_group_id="g2", created_at=START),
        Flow(id="f2", workflow_id="wf-source-2", workflow_version_id="source-v2", flow_group_id="g2", created_at=START),
        TaskStart(id="te-9", flow_id="f2", task_id="task-9", iteration=4, started_at=at),
        TaskOutcome(id="oc-9", task_execution_id="te-9", outcome="APPROVED", outcome_at=at, outcome_by="ben"),
        FlowStatusChange(id="fs-9", flow_id="f2", status="BLOCKED", reason="fan-out failed", changed_at=at),
    ]


@pytest.fixture
async def customer_id(database: Database, tenant_id: UUID) -> UUID:
    """The customer of example F11."""
    customer = await new_customer(database, tenant_id)
    await record(database, tenant_id, [*RECURRING.records(customer), *second_version(customer)])
    return customer


async def signals(database: Database, tenant_id: UUID, customer_id: UUID, seconds: int | None = None) -> Signals:
    as_of = None if seconds is None else START + timedelta(seconds=seconds)
    return await customer_signals(database, tenant_id, str(customer_id), as_of)


async def test_a_node_that_blocks_in_two_jobs_recurs_whatever_its_ids(database: Database, tenant_id: UUID, customer_id: UUID) -> None:
    recurrence = (await signals(database, tenant_id, customer_id)).recurrence_rate_of_blocked_nodes
    assert (recurrence.rate, recurrence.numerator, recurrence.denominator) == ("0.5000", 1, 2)
    assert [astuple(node) for node in recurrence.nodes] == [("Source", "Approval", 2, 2), ("Other", "Export", 1, 1)]


async def test_the_last_engagement_outcome_is_that_of_all_jobs(database: Database, tenant_id: UUID, customer_id: UUID) -> None:
    last = (await signals(database, tenant_id, customer_id)).last_engagement_outcome
    assert last is not None
    assert last.model_dump(mode="json") == {
        "outcome": "APPROVED",
        "outcome_at": "2026-01-01T00:00:10.000Z",
        "outcome_by": "ben",
        "job_id": "job-g2",
        "flow_id": "f2",
        "workflow_name": "Source",
        "task_id": "task-9",
        "iteration": 4,
        "record_id": "outcome-te-9",
        "job_signal": "BLOCKED",
    }


async def test_jobs_are_counted_by_condition_and_the_span_is_that_of_the_ledger(database: Database, tenant_id: UUID, customer_id: UUID) -> None:
    found = await signals(database, tenant_id, customer_id)
    assert found.jobs_total == 4
    assert found.jobs_by_signal == {ACTIVE: 0, COMPLETED: 1, SUSPENDED: 0, BLOCKED: 3}
    assert (found.first_event_at, found.last_event_at) == (START + timedelta(seconds=1), START + timedelta(seconds=10))
    assert found.blocked_flows_without_outcome == 0


async def test_as_of_an_instant_only_what_had_happened_by_then_counts(database: Database, tenant_id: UUID, customer_id: UUID) -> None:
    before_anything = await signals(database, tenant_id, customer_id, 0)
    assert before_anything.last_engagement_outcome is None
    assert before_anything.recurrence_rate_of_blocked_nodes.rate is None
    assert before_anything.jobs_by_signal[BLOCKED] == 0
    at_the_first_block = await signals(database, tenant_id, customer_id, 3)
    assert at_the_first_block.recurrence_rate_of_blocked_nodes.rate == "0.0000"
    assert at_the_first_block.recurrence_rate_of_blocked_nodes.denominator == 1
    assert at_the_first_block.jobs_by_signal[BLOCKED] == 1
    assert at_the_first_block.last_event_at == START + timedelta(seconds=2)


async def test_a_blocked_flow_without_an_outcome_is_reported_and_not_counted(database: Database, tenant_id: UUID, customer_id: UUID) -> None:
    flow = Flow(id="f5", workflow_id="w", workflow_version_id="source-v2", flow_group_id="g2", created_at=START)
    await record(database, tenant_id, [flow, FlowStatusChange(id="fs-5", flow_id="f5", status="BLOCKED", changed_at=START)])
    found = await signals(database, tenant_id, customer_id)
    assert found.blocked_flows_without_outcome == 1
    assert found.recurrence_rate_of_blocked_nodes.denominator == 2


async def test_of_two_statuses_at_one_instant_the_greater_id_holds(database: Database, tenant_id: UUID, customer_id: UUID) -> None:
    at = START + timedelta(seconds=9)
    unblocked = FlowStatusChange(id="fs-f4-Z", flow_id="f4", status="SUSPENDED", changed_at=at)
    await record(database, tenant_id, [unblocked])
    assert (await signals(database, tenant_id, customer_id)).jobs_by_signal[SUSPENDED] == 1


async def test_a_customer_without_jobs_has_empty_signals(database: Database, tenant_id: UUID) -> None:
    found = await signals(database, tenant_id, await new_customer(database, tenant_id))
    assert (found.last_engagement_outcome, found.jobs_total, found.first_event_at, found.basis) == (None, 0, None, 0)
    assert found.recurrence_rate_of_blocked_nodes == Recurrence(rate=None, numerator=0, denominator=0, nodes=[])


async def test_no_signal_is_a_float(database: Database, tenant_id: UUID, customer_id: UUID) -> None:
    # RFC 8785 text without a fraction or an exponent outside strings: every number is an integer.
    found = (await signals(database, tenant_id, customer_id)).model_dump(mode="json")
    assert b'"rate":"0.5000"' in canonical_json(found)
    assert not [value for value in flattened(found) if isinstance(value, float)]


def flattened(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in flattened(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in flattened(inner)]
    return [value]


def test_nothing_blocked_has_no_rate() -> None:
    assert recurrence_of_blocked_nodes([]).rate is None
