"""The ledger's total order, and what it makes of truth that comes late, twice, in part, or from another tenant."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factbook.database.pools import Database
from factbook.history.ledger.answers import customer_ledger
from factbook.history.ledger.asking import Asked
from factbook.history.ledger.model import Selection
from factbook.history.truth.model import Evidence, Flow, FlowGroup, Job, NodeActivation, Record, TaskOutcome, TaskStart
from factbook.history.verification.reference import reference_ledger
from factbook.kernel.clock import parse_instant
from factbook.kernel.problems import Problem
from tests.history.recording import ledger, ledger_bytes, new_customer, new_tenant, record, truth_rows
from tests.history.worked_examples import A1_APPROVE, SINGLE

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(milliseconds: int) -> datetime:
    return START + timedelta(milliseconds=milliseconds)


def one_flow(customer_id: UUID, name: str) -> list[Record]:
    """Version, group `g-name`, job `j-name` and flow `f-name`, parents first."""
    return [
        SINGLE.version(),
        FlowGroup(id=f"g-{name}", scope_type="job", scope_id=name, created_at=START),
        Job(id=f"j-{name}", customer_id=customer_id, flow_group_id=f"g-{name}", created_at=START),
        Flow(id=f"f-{name}", workflow_id="w", workflow_version_id=SINGLE.version().id, flow_group_id=f"g-{name}", created_at=START),
    ]


# Example E, in the order expected: id of the entry's record, then the record.
EXAMPLE_E: tuple[tuple[str, Record], ...] = (
    ("start-te2", TaskStart(id="te2", flow_id="f-B", task_id="A1", started_at=at(999))),
    ("na3", NodeActivation(id="na3", flow_id="f-A", node_id="A", activated_at=at(1000))),
    ("na1", NodeActivation(id="na1", flow_id="f-B", node_id="A", activated_at=at(1000))),
    ("na9", NodeActivation(id="na9", flow_id="f-B", node_id="A", iteration=2, activated_at=at(1000))),
    ("start-te5", TaskStart(id="te5", flow_id="f-A", task_id="A1", started_at=at(1000))),
    ("ev8", Evidence(id="ev8", flow_id="f-A", task_id="A1", evidence_type="TEXT", data="a", attached_at=at(1000), attached_by="ana")),
    ("ev7", Evidence(id="ev7", flow_id="f-B", task_id="A1", evidence_type="TEXT", data="b", attached_at=at(1000), attached_by="ana")),
    ("outcome-te5", TaskOutcome(id="oc1", task_execution_id="te5", outcome="DONE", outcome_at=at(1000))),
    ("outcome-te2", TaskOutcome(id="oc2", task_execution_id="te2", outcome="DONE", outcome_at=at(1001))),
)


def starts_before_outcomes(records: list[Record]) -> list[Record]:
    return sorted(records, key=lambda one: isinstance(one, TaskOutcome))


@settings(max_examples=15, deadline=None)
@given(order=st.permutations([one for _, one in EXAMPLE_E]), at_once=st.booleans())
async def test_any_order_of_recording_gives_the_one_order_of_the_ledger(database: Database, order: list[Record], at_once: bool) -> None:
    tenant_id = await new_tenant(database)
    customer_id = await new_customer(database, tenant_id)
    await record(database, tenant_id, [*one_flow(customer_id, "A"), *one_flow(customer_id, "B")])
    for batch in [order] if at_once else [[one] for one in starts_before_outcomes(order)]:
        await record(database, tenant_id, batch)
    assert [entry["id"] for entry in await ledger(database, tenant_id, customer_id)] == [entry_id for entry_id, _ in EXAMPLE_E]


async def test_ids_are_compared_by_code_point_not_by_language_or_utf_16(database: Database, tenant_id: UUID) -> None:
    customer_id = await new_customer(database, tenant_id)
    in_order = ["A", "Z", "_", "a", "aa", "z", "ß", "é", "\ue000", "\uffff", "\U00010000", "\U0001f6b2"]
    activations = [NodeActivation(id=identity, flow_id="f-A", node_id="A", activated_at=START) for identity in reversed(in_order)]
    await record(database, tenant_id, [*one_flow(customer_id, "A"), *activations])
    assert [entry["id"] for entry in await ledger(database, tenant_id, customer_id)] == in_order


async def test_instants_far_apart_are_shown_as_they_are(database: Database, tenant_id: UUID) -> None:
    customer_id = await new_customer(database, tenant_id)
    texts = ["0001-01-01T00:00:00.001Z", "0987-06-05T04:03:02.001Z", "1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"]
    activations = [NodeActivation(id=text, flow_id="f-A", node_id="A", activated_at=parse_instant(text)) for text in reversed(texts)]
    await record(database, tenant_id, [*one_flow(customer_id, "A"), *activations])
    assert [entry["timestamp"] for entry in await ledger(database, tenant_id, customer_id)] == texts


def test_the_first_instant_of_the_calendar_is_refused_since_the_driver_stores_it_as_minus_infinity() -> None:
    with pytest.raises(ValueError, match="activated_at"):
        NodeActivation(id="na", flow_id="f-A", node_id="A", activated_at=datetime(1, 1, 1, tzinfo=UTC))


async def test_evidence_without_an_execution_and_any_json_value_are_history_too(database: Database, tenant_id: UUID) -> None:
    """Example F2: two jobs, one execution without an outcome, evidence whose data is a bare text."""
    customer_id = await new_customer(database, tenant_id)
    text = {"evidence_type": "TEXT", "data": "bare text", "attached_by": "ana", "task_id": "A1"}
    await record(
        database,
        tenant_id,
        [
            *one_flow(customer_id, "1"),
            NodeActivation(id="na1", flow_id="f-1", node_id="A", activated_at=at(0)),
            TaskStart(id="te1", flow_id="f-1", task_id="A1", started_at=at(1)),
            Evidence(id="ev1", flow_id="f-1", attached_at=at(2), **text),
            *one_flow(customer_id, "2"),
            NodeActivation(id="na2", flow_id="f-2", node_id="A", activated_at=at(3)),
            Evidence(id="ev2", flow_id="f-2", attached_at=at(4), **text),
        ],
    )
    entries = await ledger(database, tenant_id, customer_id)
    assert [(entry["id"], entry["job_id"], entry["iteration"]) for entry in entries] == [
        ("na1", "j-1", 1),
        ("start-te1", "j-1", 1),
        ("ev1", "j-1", None),
        ("na2", "j-2", 1),
        ("ev2", "j-2", None),
    ]


async def test_a_second_outcome_of_an_execution_changes_nothing(database: Database, tenant_id: UUID) -> None:
    """Example F9."""
    customer_id = await new_customer(database, tenant_id)
    start = TaskStart(id="te", flow_id="f-A", task_id="A1", started_at=at(0))
    first = TaskOutcome(id="oc1", task_execution_id="te", outcome="DONE", outcome_at=at(1))
    basis = await record(database, tenant_id, [*one_flow(customer_id, "A"), start, first])
    before = await ledger(database, tenant_id, customer_id)
    with pytest.raises(Problem) as refused:
        await record(database, tenant_id, [TaskOutcome(id="oc2", task_execution_id="te", outcome="FAILED", outcome_at=at(2))])
    assert refused.value.kind.code == "outcome_already_recorded"
    assert await ledger(database, tenant_id, customer_id) == before
    assert await record(database, tenant_id, [first]) == basis


async def test_a_refused_record_takes_its_whole_batch_along(database: Database, tenant_id: UUID) -> None:
    """Example F3: when one write of an atomic unit fails, none of it happened, and doing it again works."""
    customer_id = await new_customer(database, tenant_id)
    start = TaskStart(id="te", flow_id="f-A", task_id="A1", started_at=at(0))
    await record(database, tenant_id, [*one_flow(customer_id, "A"), start])
    before = await truth_rows(database, tenant_id)
    outcome = TaskOutcome(id="oc", task_execution_id="te", outcome="DONE", outcome_at=at(1))
    with pytest.raises(Problem):
        await record(database, tenant_id, [outcome, NodeActivation(id="na", flow_id="no such flow", node_id="A", activated_at=at(1))])
    assert await truth_rows(database, tenant_id) == before
    await record(database, tenant_id, [outcome, NodeActivation(id="na", flow_id="f-A", node_id="A", activated_at=at(1))])
    assert [entry["id"] for entry in await ledger(database, tenant_id, customer_id)] == ["start-te", "na", "outcome-te"]


async def test_a_job_that_comes_late_brings_the_whole_past_of_its_group(database: Database, tenant_id: UUID) -> None:
    customer_id = await new_customer(database, tenant_id)
    version, group, job, flow = one_flow(customer_id, "A")
    early: list[Record] = [
        NodeActivation(id="na", flow_id="f-A", node_id="A", activated_at=at(0)),
        TaskStart(id="te", flow_id="f-A", task_id="A1", started_at=at(1)),
    ]
    before_the_job = await record(database, tenant_id, [version, group, flow, *early])
    assert await ledger(database, tenant_id, customer_id) == []
    with_the_job = await record(database, tenant_id, [job, TaskOutcome(id="oc", task_execution_id="te", outcome="DONE", outcome_at=at(2))])
    assert [entry["id"] for entry in await ledger(database, tenant_id, customer_id)] == ["na", "start-te", "outcome-te"]
    assert await ledger(database, tenant_id, customer_id, before_the_job) == []
    assert [entry["id"] for entry in await ledger(database, tenant_id, customer_id, with_the_job - 1)] == ["na", "start-te"]


async def test_an_entry_never_shows_at_a_basis_before_the_records_that_tie_it_to_the_customer(database: Database, tenant_id: UUID) -> None:
    """In one request children may even stand before their parents; every basis within it is a promise all the same."""
    customer_id = await new_customer(database, tenant_id)
    events: list[Record] = [
        TaskOutcome(id="oc", task_execution_id="te", outcome="DONE", outcome_at=at(2)),
        TaskStart(id="te", flow_id="f-A", task_id="A1", started_at=at(1)),
        NodeActivation(id="na", flow_id="f-A", node_id="A", activated_at=at(0)),
    ]
    head = await record(database, tenant_id, [*events, *reversed(one_flow(customer_id, "A"))])
    truth = await truth_rows(database, tenant_id)
    for basis in range(head + 1):
        assert await ledger(database, tenant_id, customer_id, basis) == reference_ledger(truth, customer_id, basis), f"at basis {basis}"


async def test_equal_ids_in_two_tenants_are_two_histories(database: Database, tenant_id: UUID) -> None:
    customer_id = await new_customer(database, tenant_id)
    other_tenant_id = await new_tenant(database)
    other_customer_id = await new_customer(database, other_tenant_id)
    await record(database, tenant_id, A1_APPROVE.records(customer_id))
    ours = await ledger(database, tenant_id, customer_id)
    await record(database, other_tenant_id, A1_APPROVE.frame(other_customer_id))
    assert len(ours) == 14
    assert await ledger(database, tenant_id, customer_id) == ours
    assert await ledger(database, other_tenant_id, other_customer_id) == []
    await record(database, other_tenant_id, A1_APPROVE.records(other_customer_id))
    assert ledger_bytes(await ledger(database, other_tenant_id, other_customer_id)) == ledger_bytes(ours)


async def test_another_tenants_customer_is_nobody_here(database: Database, tenant_id: UUID) -> None:
    """Example F10."""
    customer_id = await new_customer(database, tenant_id)
    await record(database, tenant_id, A1_APPROVE.records(customer_id))
    other_tenant_id = await new_tenant(database)
    assert await ledger(database, other_tenant_id, customer_id) == []
    with pytest.raises(Problem) as refused:
        await customer_ledger(database, other_tenant_id, str(customer_id), Asked(Selection(), None, 50, None))
    assert refused.value.kind.status == 404


async def test_another_tenants_records_are_no_parents_here(database: Database, tenant_id: UUID) -> None:
    customer_id = await new_customer(database, tenant_id)
    await record(database, tenant_id, one_flow(customer_id, "A"))
    other_tenant_id = await new_tenant(database)
    for foreign in (
        NodeActivation(id="na", flow_id="f-A", node_id="A", activated_at=START),
        Job(id="j", customer_id=customer_id, flow_group_id="g-A", created_at=START),
    ):
        with pytest.raises(Problem) as refused:
            await record(database, other_tenant_id, [foreign])
        assert refused.value.kind.code == "parent_unknown"
