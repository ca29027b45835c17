"""The worked examples: each trace, however it reaches the recorder, gives the one ledger that its table shows."""

import random
from pathlib import Path
from uuid import UUID

import pytest

from factbook.database.pools import Database
from factbook.history.overview.queries import jobs_of_customer
from factbook.history.truth.model import RecordType
from factbook.history.verification.reference import reference_ledger
from tests.history.recording import ledger, ledger_bytes, new_customer, record, truth_rows
from tests.history.scenarios import Scenario, shown, table
from tests.history.worked_examples import A1_APPROVE, A2_REJECT, B_REMEDIATION, SCENARIOS

GOLDEN_LEDGER = Path(__file__).with_name("remediation_loop.ndjson")

every_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)


@every_scenario
async def test_a_trace_recorded_command_by_command_gives_its_ledger(database: Database, tenant_id: UUID, scenario: Scenario) -> None:
    customer_id = await new_customer(database, tenant_id)
    await record(database, tenant_id, scenario.frame(customer_id))
    for command in scenario.commands():
        await record(database, tenant_id, command)
    assert list(shown(await ledger(database, tenant_id, customer_id))) == table(scenario.ledger)


@every_scenario
async def test_a_trace_recorded_at_once_and_shuffled_gives_the_same_bytes(database: Database, tenant_id: UUID, scenario: Scenario) -> None:
    customer_id = await new_customer(database, tenant_id)
    records = scenario.records(customer_id)
    kinds = list(RecordType)
    random.Random(7).shuffle(records)  # noqa: S311  # any order will do, always the same one
    records.sort(key=lambda one: kinds.index(one.record_type))
    await record(database, tenant_id, records)
    entries = await ledger(database, tenant_id, customer_id)
    assert list(shown(entries)) == table(scenario.ledger)
    assert entries == reference_ledger(await truth_rows(database, tenant_id), customer_id, len(records))


@every_scenario
async def test_the_jobs_of_a_trace_stand_as_its_statuses_say(database: Database, tenant_id: UUID, scenario: Scenario) -> None:
    customer_id = await new_customer(database, tenant_id)
    await record(database, tenant_id, scenario.records(customer_id))
    async with database.reading(tenant_id) as connection:
        jobs = await jobs_of_customer(connection, tenant_id, customer_id)
    assert {job.id: job.derived_signal for job in jobs} == scenario.job_signals


async def test_the_remediation_loop_has_these_very_bytes(database: Database, tenant_id: UUID) -> None:
    customer_id = await new_customer(database, tenant_id)
    await record(database, tenant_id, B_REMEDIATION.records(customer_id))
    assert ledger_bytes(await ledger(database, tenant_id, customer_id)) == GOLDEN_LEDGER.read_bytes()


async def test_every_refused_command_left_no_record(database: Database, tenant_id: UUID) -> None:
    customer_id = await new_customer(database, tenant_id)
    basis = await record(database, tenant_id, A2_REJECT.records(customer_id))
    entries = await ledger(database, tenant_id, customer_id)
    # Version, group, job, flow and one status are no entries; ten events are, and N3 is nowhere.
    assert (basis, len(entries)) == (15, 10)
    assert not any("N3" in (entry["node_id"] or "") or "T3.1" in (entry["task_id"] or "") for entry in entries)


async def test_a_loop_keeps_both_outcomes_of_its_task(database: Database, tenant_id: UUID) -> None:
    customer_id = await new_customer(database, tenant_id)
    await record(database, tenant_id, B_REMEDIATION.records(customer_id))
    entries = await ledger(database, tenant_id, customer_id)
    ends = [(entry["iteration"], entry["outcome"]) for entry in entries if entry["type"] == "TASK_OUTCOME" and entry["task_id"] == "T2.1"]
    assert ends == [(1, "FAIL"), (2, "PASS")]


async def test_one_event_of_each_type_says_all_it_knows(database: Database, tenant_id: UUID) -> None:
    customer_id = await new_customer(database, tenant_id)
    await record(database, tenant_id, A1_APPROVE.records(customer_id))
    activation, start, evidence, _, outcome, *_ = await ledger(database, tenant_id, customer_id)
    common = {
        "job_id": "job-g1",
        "job_address": "1 Quay",
        "flow_id": "f1",
        "workflow_id": "wf-linear",
        "workflow_name": "Linear",
        "workflow_version": 1,
        "node_id": "N1",
        "node_name": "Submission",
        "iteration": 1,
    }
    nothing: dict[str, None] = dict.fromkeys(("task_id", "task_name", "actor", "evidence_type", "outcome"))
    task = {"task_id": "T1.1", "task_name": "Task T1.1", "actor": "ana"}
    assert activation == common | nothing | {"type": "NODE_ACTIVATED", "id": "na-f1-N1-1", "timestamp": "2026-01-01T00:00:00.000Z"}
    assert start == common | nothing | task | {"type": "TASK_STARTED", "id": "start-te-f1-T1.1-1", "timestamp": "2026-01-01T00:00:01.000Z"}
    assert evidence == common | nothing | task | {
        "type": "EVIDENCE_ATTACHED",
        "id": "ev-f1-T1.1-1",
        "timestamp": "2026-01-01T00:00:02.000Z",
        "evidence_type": "FILE",
    }
    assert outcome == common | nothing | task | {
        "type": "TASK_OUTCOME",
        "id": "outcome-te-f1-T1.1-1",
        "timestamp": "2026-01-01T00:00:03.000Z",
        "actor": "ben",
        "outcome": "SUBMITTED",
    }
