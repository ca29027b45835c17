"""Importing records as lines: in batches, again after an interruption, and with faults named by line."""

import gzip
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from factbook.database.pools import Database
from factbook.history.importing import batches
from factbook.history.importing.run import ImportReport, import_ndjson
from factbook.history.importing.source import FileUnreadable
from factbook.kernel.problems import Problem
from tests.history.event_logs import everything_of, written
from tests.history.recording import new_customer, new_tenant

AT = "2026-01-01T00:00:00Z"
VERSION = {"type": "workflow_version", "id": "v", "workflow_id": "w", "version": 1, "snapshot": {"name": "W", "nodes": []}}


def story(customer_id: UUID, jobs: int) -> list[dict[str, Any]]:
    """A version, and per job a group, the job, a flow and two activations, parents first."""
    lines: list[dict[str, Any]] = [VERSION]
    for number in range(jobs):
        key = f"j{number}"
        lines += [
            {"type": "flow_group", "id": key, "scope_type": "job", "scope_id": key, "created_at": AT},
            {"type": "job", "id": key, "customer_id": str(customer_id), "flow_group_id": key, "created_at": AT},
            {"type": "flow", "id": key, "workflow_id": "w", "workflow_version_id": "v", "flow_group_id": key, "created_at": AT},
            *({"type": "node_activation", "id": f"{key}-{n}", "flow_id": key, "node_id": "n", "activated_at": AT} for n in range(2)),
        ]
    return lines


def text_of(lines: list[dict[str, Any]]) -> bytes:
    return "\n".join(map(json.dumps, lines)).encode()


async def imported(database: Database, tenant_id: UUID, path: Path) -> ImportReport:
    return await import_ndjson(database, tenant_id, path, lambda _: None)


async def refused(database: Database, tenant_id: UUID, path: Path) -> tuple[str, dict[str, str]]:
    with pytest.raises(Problem) as failed:
        await imported(database, tenant_id, path)
    return failed.value.kind.code, {error.field: error.message for error in failed.value.errors}


@pytest.fixture
async def customer_id(database: Database, tenant_id: UUID) -> UUID:
    return await new_customer(database, tenant_id)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 8)


@pytest.mark.usefixtures("small_batches")
async def test_lines_are_recorded_once_plain_or_packed(database: Database, tenant_id: UUID, customer_id: UUID, tmp_path: Path) -> None:
    content = text_of(story(customer_id, 20))
    assert await imported(database, tenant_id, written(tmp_path, content)) == ImportReport(read=101, recorded=101, unchanged=0, basis=101)
    packed = b"\xef\xbb\xbf\n\r\n" + content.replace(b"\n", b"\r\n\n") + b"\n"
    again = await imported(database, tenant_id, written(tmp_path, gzip.compress(packed)))
    assert again == ImportReport(read=101, recorded=0, unchanged=101, basis=101)


async def test_a_file_without_records_is_no_fault(database: Database, tenant_id: UUID, tmp_path: Path) -> None:
    for content in (b"", b"\n \n", b"\xef\xbb\xbf"):
        assert await imported(database, tenant_id, written(tmp_path, content)) == ImportReport()


class Interrupted(Exception):
    """Stands for whatever ends an import in the middle."""


@pytest.mark.usefixtures("small_batches")
async def test_an_import_that_broke_off_ends_like_one_that_did_not(database: Database, tenant_id: UUID, customer_id: UUID, tmp_path: Path) -> None:
    at_once = await new_tenant(database)
    await imported(database, at_once, written(tmp_path, text_of(story(await new_customer(database, at_once), 20))))
    path = written(tmp_path, text_of(story(customer_id, 20)))

    def interrupt(done: int) -> None:
        if done > path.stat().st_size // 2:
            raise Interrupted

    with pytest.raises(Interrupted):
        await import_ndjson(database, tenant_id, path, interrupt)
    report = await imported(database, tenant_id, path)
    assert report.recorded + report.unchanged == 101
    assert await everything_of(database, tenant_id) == await everything_of(database, at_once)


@pytest.mark.usefixtures("small_batches")
async def test_a_parent_that_comes_in_a_later_batch_is_missed_by_line(database: Database, tenant_id: UUID, customer_id: UUID, tmp_path: Path) -> None:
    first, *others = story(customer_id, 3)
    code, errors = await refused(database, tenant_id, written(tmp_path, b"\n" + text_of([*others, first])))
    assert (code, errors) == (
        "parent_unknown",
        {"line 4.workflow_version_id": "no such workflow_version is recorded", "line 9.workflow_version_id": "no such workflow_version is recorded"},
    )


async def test_a_parent_may_stand_after_its_child_in_the_same_batch(database: Database, tenant_id: UUID, customer_id: UUID, tmp_path: Path) -> None:
    report = await imported(database, tenant_id, written(tmp_path, text_of(story(customer_id, 3)[::-1])))
    assert report.recorded == 16


@pytest.mark.usefixtures("small_batches")
async def test_faulty_lines_are_named_by_line_and_field_without_their_values(
    database: Database, tenant_id: UUID, customer_id: UUID, tmp_path: Path
) -> None:
    lines = story(customer_id, 3)
    lines[10] |= {"activated_at": "Zebedee"}
    lines[12] |= {"color": "Zebedee"}
    content = b"\n" + text_of(lines[:14]) + b"\n{Zebedee\n" + text_of(lines[14:])
    code, errors = await refused(database, tenant_id, written(tmp_path, content))
    assert code == "request_invalid"
    assert errors == {
        "line 12.activated_at": "not an ISO 8601 date and time",
        "line 14.color": "no such field belongs to this type of record",
        "line 16": "is not JSON (line 1, column 2)",
    }
    # The batch before is recorded, of the faulty one nothing is.
    report = await imported(database, tenant_id, written(tmp_path, text_of(lines[:8])))
    assert (report.recorded, report.unchanged) == (0, 8)


async def test_a_record_that_differs_is_named_by_its_line(database: Database, tenant_id: UUID, customer_id: UUID, tmp_path: Path) -> None:
    await imported(database, tenant_id, written(tmp_path, text_of(story(customer_id, 1))))
    path = written(tmp_path, text_of([VERSION, {**VERSION, "version": 2}]))
    assert await refused(database, tenant_id, path) == ("record_differs", {"line 2.id": "this workflow_version id is recorded with other content"})


async def test_damaged_gzip_is_said_to_be_so(database: Database, tenant_id: UUID, customer_id: UUID, tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(text_of(story(customer_id, 50)))[:-20])
    with pytest.raises(FileUnreadable, match=r"The gzip data ends early or is damaged after [0-9]+ unpacked bytes\."):
        await imported(database, tenant_id, path)


async def test_a_line_without_end_is_refused_before_it_fills_memory(
    database: Database, tenant_id: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "LONGEST_LINE", 1000)
    with pytest.raises(FileUnreadable, match=r"Line 2 is longer than 1000 bytes\."):
        await imported(database, tenant_id, written(tmp_path, b"\n" + b" " * 1001))
