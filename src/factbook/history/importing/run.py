"""Imports a file, batch by batch: each batch is one transaction of the recorder, so an interrupted import is simply run again.

What was recorded before is found unchanged, nothing is recorded twice, and batches are cut at the same places each time. Raises Problem, its fields
named by line or trace, or FileUnreadable; batches before the failure stay recorded.
"""

import asyncio
import gc
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import UUID

from factbook.database.pools import Database
from factbook.history.importing import store
from factbook.history.importing.batches import TraceBatch, line_batches, place_of_trace, trace_batches
from factbook.history.importing.mapping import SkipReason, TraceMapping, records_of
from factbook.history.importing.workflow import survey, version_record
from factbook.history.truth.model import Record, WorkflowVersion
from factbook.history.truth.operations import Recorded, record_truth
from factbook.identity import Channel, create_customers
from factbook.kernel.problems import FieldError, Problem
from factbook.kernel.read_ahead import read_ahead

# Told after each batch how many bytes of the file on disk have been read; the whole is the file's size.
Progress = Callable[[int], None]

# Net allocations between two searches for garbage in cycles. A batch makes about 200,000 objects and no cycles; at the interpreter's 700, searching
# them over and over took four tenths of an import's processor time.
_ALLOCATIONS_PER_COLLECTION = 200_000

_RECORD_PATH = re.compile(r"^records\[([0-9]+)\]")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `read` counts traces or lines with a record; `recorded`, `unchanged` and `basis` are those of the recorder, in records."""

    read: int = 0
    recorded: int = 0
    unchanged: int = 0
    basis: int = 0
    skipped: Mapping[SkipReason, int] = field(default_factory=dict)

    def followed_by(self, read: int, recorded: Recorded, skipped: Mapping[SkipReason, int]) -> "ImportReport":
        """The report when one more batch is done."""
        return ImportReport(
            read=self.read + read,
            recorded=self.recorded + recorded.recorded,
            unchanged=self.unchanged + recorded.unchanged,
            basis=recorded.basis,
            skipped=Counter(self.skipped) + Counter(skipped),
        )


async def import_xes(database: Database, tenant_id: UUID, path: Path, mapping: TraceMapping, progress: Progress) -> ImportReport:
    """Record the traces of an event log (XES, plain or gzip). The log is read twice, the first time for its activities."""
    file = await asyncio.to_thread(path.open, "rb")
    with file, _collecting_seldom():
        workflow = await asyncio.to_thread(survey, file, path, mapping)
        async with database.reading(tenant_id) as connection:
            version = version_record(workflow, await store.recorded_versions(connection, tenant_id, workflow.workflow_id))
        report = ImportReport()
        first: list[Record] = [version]  # goes with the first batch that has flows to pin to it
        async with aclosing(read_ahead(trace_batches(file, mapping))) as batches:
            async for batch in batches:
                before = first if batch.drafts else []
                records = [*before, *await _records(database, tenant_id, batch, version)]
                recorded = await _record(database, tenant_id, records, partial(place_of_trace, batch.drafts, len(before)))
                report = report.followed_by(batch.read, recorded, batch.skipped)
                first = [] if batch.drafts else first
                progress(batch.position)
    return report


async def import_ndjson(database: Database, tenant_id: UUID, path: Path, progress: Progress) -> ImportReport:
    """Record the records of an NDJSON file (plain or gzip). A parent stands before its children, or within the same batch."""
    file = await asyncio.to_thread(path.open, "rb")
    with file, _collecting_seldom():
        report = ImportReport()
        async with aclosing(read_ahead(line_batches(file))) as batches:
            async for batch in batches:
                recorded = await _record(database, tenant_id, batch.records, batch.place)
                report = report.followed_by(len(batch.records), recorded, {})
                progress(batch.position)
    return report


async def _records(database: Database, tenant_id: UUID, batch: TraceBatch, version: WorkflowVersion) -> list[Record]:
    """The records of the batch's traces. Customers who are not known yet are created."""
    if not batch.drafts:
        return []
    customers = await create_customers(database, tenant_id, Channel.API, {draft.identifier for draft in batch.drafts})
    flow_ids = [draft.job_id for draft in batch.drafts]
    async with database.reading(tenant_id) as connection:
        pinned = await store.pinned_versions(connection, tenant_id, version.workflow_id, flow_ids)
    records: list[Record] = []
    for draft in batch.drafts:
        # A longer copy of a log can name new activities and so have a new version; flows that began under an older one stay pinned to it.
        version_id = pinned.get(draft.job_id, version.id)
        records += records_of(draft, customers[draft.identifier].id, version.workflow_id, version_id)
    return records


async def _record(database: Database, tenant_id: UUID, records: list[Record], place: Callable[[int], str]) -> Recorded:
    """Record one batch. `place` says where in the file the record with an index comes from; problems then name that."""
    try:
        return await record_truth(database, tenant_id, records, None)
    except Problem as problem:
        errors = [FieldError(_RECORD_PATH.sub(lambda found: place(int(found[1])), error.field), error.message) for error in problem.errors]
        raise problem.kind.because(problem.detail, errors) from None


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    usual = gc.get_threshold()
    gc.set_threshold(_ALLOCATIONS_PER_COLLECTION, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
