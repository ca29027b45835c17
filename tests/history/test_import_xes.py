"""Importing event logs: what arrives in the ledger, what a repeat changes (nothing), and what an interruption leaves behind (less)."""

import asyncio
import gzip
from pathlib import Path
from uuid import UUID

import pytest

from factbook.database.pools import Database
from factbook.history.importing import batches, workflow
from factbook.history.importing.mapping import SkipReason, TraceMapping
from factbook.history.importing.run import ImportReport, import_xes
from factbook.history.importing.xes import XesError
from factbook.kernel.problems import Problem
from tests.history.event_logs import event, everything_of, log_text, orders, trace_text, written
from tests.history.recording import ledger, new_tenant

MAPPING = TraceMapping("customer")
AT = "2024-01-01T00:00:00Z"
C1 = {"concept:name": "t", "customer": "C1"}


async def imported(database: Database, tenant_id: UUID, path: Path, mapping: TraceMapping = MAPPING) -> ImportReport:
    return await import_xes(database, tenant_id, path, mapping, lambda _: None)


async def count(database: Database, tenant_id: UUID, table: str) -> int:
    async with database.reading(tenant_id) as connection:
        found: int = await connection.fetchval(f"SELECT count(*) FROM {table}")
    return found


async def test_the_help_desk_log_arrives_whole_and_a_repeat_changes_nothing(database: Database, tenant_id: UUID, samples_dir: Path) -> None:
    path = samples_dir / "helpdesk.xes.gz"
    first = await imported(database, tenant_id, path)
    # A version, three records per ticket and three per event.
    assert first == ImportReport(read=4580, recorded=1 + 3 * 4580 + 3 * 21348, unchanged=0, basis=77785)
    counts = [await count(database, tenant_id, table) for table in ("jobs", "node_activations", "task_starts", "task_outcomes", "ledger_entries")]
    assert counts == [4580, 21348, 21348, 21348, 3 * 21348]
    # The log names 397 customers; three of them appear only after the first event of tickets that began with another one.
    assert await count(database, tenant_id, "customers") == 394
    assert await imported(database, tenant_id, path) == ImportReport(read=4580, recorded=0, unchanged=77785, basis=77785)


async def test_a_trace_arrives_in_its_customers_ledger_under_the_names_of_the_log(database: Database, tenant_id: UUID, tmp_path: Path) -> None:
    content = log_text(trace_text(C1, event("pack", AT, org_resource="ana"), event("pack", AT)), name="Orders")
    await imported(database, tenant_id, written(tmp_path, content))
    async with database.reading(tenant_id) as connection:
        customer = await connection.fetchrow("SELECT id, channel, normalized_identifier FROM customers")
    assert customer is not None
    assert (customer["channel"], customer["normalized_identifier"]) == ("api", "C1")
    entries = await ledger(database, tenant_id, customer["id"])
    shown = [(entry["type"], entry["id"], entry["iteration"], entry["actor"], entry["outcome"]) for entry in entries]
    assert shown == [
        ("NODE_ACTIVATED", "t/1", 1, None, None),
        ("NODE_ACTIVATED", "t/2", 2, None, None),
        ("TASK_STARTED", "start-t/1", 1, "ana", None),
        ("TASK_STARTED", "start-t/2", 2, None, None),
        ("TASK_OUTCOME", "outcome-t/1", 1, "ana", "complete"),
        ("TASK_OUTCOME", "outcome-t/2", 2, None, "complete"),
    ]
    names = {(entry["workflow_id"], entry["workflow_name"], entry["workflow_version"], entry["node_name"]) for entry in entries}
    assert names == {("Orders", "Orders", 1, "pack")}
    assert {entry["task_name"] for entry in entries} == {None, "pack"}


async def test_a_log_without_a_name_is_named_after_its_file(database: Database, tenant_id: UUID, tmp_path: Path) -> None:
    await imported(database, tenant_id, written(tmp_path, gzip.compress(log_text(trace_text(C1, event("a", AT)))), "tickets.2024.xes.gz"))
    async with database.reading(tenant_id) as connection:
        assert await connection.fetchval("SELECT workflow_id FROM flows") == "tickets.2024"


async def test_traces_left_out_are_counted_by_reason_and_leave_nothing_behind(database: Database, tenant_id: UUID, tmp_path: Path) -> None:
    content = log_text(
        trace_text({"concept:name": "blocked", "customer": "null"}, event("a", AT)),
        trace_text({"concept:name": "twice", "customer": "C1"}, event("a", AT)),
        trace_text({"concept:name": "twice", "customer": "C2"}, event("b", AT)),
        trace_text({"concept:name": "none"}),
        trace_text({"concept:name": "timeless", "customer": "C3"}, {"concept:name": "a"}),
        trace_text({"concept:name": "also blocked", "customer": "unknown"}, event("a", AT)),
    )
    report = await imported(database, tenant_id, written(tmp_path, content))
    assert report.skipped == {SkipReason.NO_CUSTOMER: 2, SkipReason.SAME_NAME: 1, SkipReason.NO_EVENTS: 1, SkipReason.EVENT_WITHOUT_TIME: 1}
    assert (report.read, report.recorded) == (6, 7)
    found = await everything_of(database, tenant_id)
    assert [row["id"] for row in found["jobs"]] == ["twice"]
    assert found["customers"] == [{"identifier": "C1"}]


async def test_a_second_trace_of_a_name_counts_when_the_first_was_left_out(database: Database, tenant_id: UUID, tmp_path: Path) -> None:
    content = log_text(trace_text({"concept:name": "t"}, event("a", AT)), trace_text(C1, event("a", AT)))
    report = await imported(database, tenant_id, written(tmp_path, content))
    assert (report.recorded, report.skipped) == (7, {SkipReason.NO_CUSTOMER: 1})


async def test_a_log_of_which_nothing_can_be_used_records_nothing(database: Database, tenant_id: UUID, tmp_path: Path) -> None:
    for content in (log_text(), log_text(trace_text({"concept:name": "t"}, event("a", AT)))):
        report = await imported(database, tenant_id, written(tmp_path, content))
        assert (report.recorded, report.unchanged, report.basis) == (0, 0, 0)
    assert await count(database, tenant_id, "workflow_versions") == 0


async def test_a_longer_copy_of_a_log_adds_what_is_new_and_leaves_flows_pinned(database: Database, tenant_id: UUID, tmp_path: Path) -> None:
    old = [trace_text(C1, event("a", AT))]
    await imported(database, tenant_id, written(tmp_path, log_text(*old, name="log")))
    longer = [trace_text(C1, event("a", AT), event("b", AT)), trace_text({**C1, "concept:name": "u"}, event("b", AT))]
    report = await imported(database, tenant_id, written(tmp_path, log_text(*longer, name="log")))
    # New are the version, three records of the second event, six of the second trace; group, job, flow and first event stood already.
    assert (report.recorded, report.unchanged) == (1 + 3 + 6, 3 + 3)
    found = await everything_of(database, tenant_id)
    versions = {row["id"]: row["version"] for row in found["workflow_versions"]}
    assert sorted(versions.values()) == [1, 2]
    assert {row["id"]: versions[row["workflow_version_id"]] for row in found["flows"]} == {"t": 1, "u": 2}
    again = await imported(database, tenant_id, written(tmp_path, log_text(*longer, name="log")))
    assert (again.recorded, again.basis) == (0, report.basis)


async def test_another_log_with_the_same_trace_names_is_refused_by_place_unless_a_prefix_keeps_them_apart(
    database: Database, tenant_id: UUID, tmp_path: Path
) -> None:
    await imported(database, tenant_id, written(tmp_path, log_text(trace_text(C1, event("a", AT)), name="one")))
    other = written(tmp_path, log_text(trace_text({**C1, "customer": "Zebedee"}, event("a", AT)), name="two"))
    with pytest.raises(Problem) as refused:
        await imported(database, tenant_id, other)
    assert refused.value.kind.code == "record_differs"
    assert {error.field for error in refused.value.errors} == {"trace 1 (line 4).id"}
    assert "Zebedee" not in repr(refused.value.errors)
    report = await imported(database, tenant_id, other, TraceMapping("customer", job_prefix="two:"))
    assert report.recorded == 7


@pytest.mark.parametrize("cut", [0, 30, 400])
async def test_a_damaged_log_records_nothing(database: Database, tenant_id: UUID, tmp_path: Path, cut: int) -> None:
    with pytest.raises(XesError):
        await imported(database, tenant_id, written(tmp_path, orders(40)[:cut]))
    found = await everything_of(database, tenant_id)
    assert not any(found.values())


async def test_a_log_with_too_many_activities_is_refused(
    database: Database, tenant_id: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "MAX_ACTIVITIES", 3)
    path = written(tmp_path, log_text(trace_text(C1, *(event(name, AT) for name in "abcd"))))
    with pytest.raises(XesError, match=r"more than 3 activities \(line 4\)"):
        await imported(database, tenant_id, path)


async def test_batches_never_split_a_trace_and_progress_ends_at_the_files_size(
    database: Database, tenant_id: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 25)
    path = written(tmp_path, orders(10))
    told: list[int] = []
    await import_xes(database, tenant_id, path, MAPPING, told.append)
    assert told[-1] == path.stat().st_size
    async with database.reading(tenant_id) as connection:
        sizes = await connection.fetch("SELECT last_seq - first_seq + 1 AS size FROM truth_batches ORDER BY first_seq")
    # Nine records a trace: three traces pass 25; the first batch carries the workflow version.
    assert [row["size"] for row in sizes] == [28, 27, 27, 9]


class Interrupted(Exception):
    """Stands for whatever ends an import in the middle."""


async def test_an_import_that_broke_off_between_batches_ends_like_one_that_did_not(
    database: Database, tenant_id: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 50)
    path = written(tmp_path, orders(60))
    at_once = await new_tenant(database)
    await imported(database, at_once, path)

    def interrupt(_: int) -> None:
        raise Interrupted

    for _ in range(2):
        with pytest.raises(Interrupted):
            await import_xes(database, tenant_id, path, MAPPING, interrupt)
    assert 0 < await count(database, tenant_id, "jobs") < 60
    await imported(database, tenant_id, path)
    assert await everything_of(database, tenant_id) == await everything_of(database, at_once)


async def test_an_import_that_is_cancelled_ends_like_one_that_is_not_once_it_ran_again(
    database: Database, tenant_id: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 50)
    path = written(tmp_path, orders(60))
    at_once = await new_tenant(database)
    await imported(database, at_once, path)
    second_batch = asyncio.Event()
    running = asyncio.create_task(import_xes(database, tenant_id, path, MAPPING, lambda _: second_batch.set()))
    await second_batch.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await count(database, tenant_id, "jobs") < 60
    await imported(database, tenant_id, path)
    assert await everything_of(database, tenant_id) == await everything_of(database, at_once)


async def test_two_imports_of_one_log_at_once_record_it_once(
    database: Database, tenant_id: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 50)
    path = written(tmp_path, orders(60))
    reports = await asyncio.gather(*(imported(database, tenant_id, path) for _ in range(2)))
    assert sum(report.recorded for report in reports) == 1 + 9 * 60
    assert await count(database, tenant_id, "jobs") == 60
