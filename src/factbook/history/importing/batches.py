"""Cuts an import file into batches, each for one transaction of the recorder. A batch knows where in the file its records come from."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from factbook.history.importing.mapping import SkipReason, TraceDraft, TraceMapping, draft_of
from factbook.history.importing.source import FileUnreadable, content_of, read_line
from factbook.history.importing.xes import Trace, read_traces
from factbook.history.truth.model import Record
from factbook.history.truth.reading import BYTE_ORDER_MARK, WHITE_SPACE, parse_line
from factbook.history.truth.rules import MAX_ERRORS
from factbook.kernel.problems import REQUEST_INVALID, FieldError

# Records in one transaction: enough that round trips do not count, little enough that the head's lock is held for about a second.
BATCH_SIZE = 20_000

# A record's JSON value is at most 1 MiB and can be written six times longer, in escapes.
LONGEST_LINE = 8 * 1024 * 1024


@dataclass(slots=True)
class TraceBatch:
    """Whole traces of a log. `read` counts all traces since the batch before, `position` the bytes of the file read so far."""

    drafts: list[TraceDraft] = field(default_factory=list)
    read: int = 0
    skipped: Counter[SkipReason] = field(default_factory=Counter)
    position: int = 0


@dataclass(slots=True)
class LineBatch:
    """Records out of lines; `lines[i]` is the line that `records[i]` stands on, counted from 1. `position` as in `TraceBatch`."""

    records: list[Record] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    position: int = 0

    def place(self, index: int) -> str:
        """Where the record with this index stands in the file."""
        return f"line {self.lines[index]}"


def trace_batches(file: BinaryIO, mapping: TraceMapping) -> Iterator[TraceBatch]:
    """The log's traces in batches; at least one, which may be empty. Memory holds one batch and the names of all traces. Raises XesError."""
    taken: set[str] = set()
    batch, size = TraceBatch(), 0
    for trace in read_traces(file, mapping.keys):
        batch.read += 1
        draft = _draft_of_new(trace, mapping, taken)
        if isinstance(draft, SkipReason):
            batch.skipped[draft] += 1
            continue
        batch.drafts.append(draft)
        size += draft.size
        if size >= BATCH_SIZE:
            batch.position = file.tell()
            yield batch
            batch, size = TraceBatch(), 0
    batch.position = file.tell()
    yield batch


def _draft_of_new(trace: Trace, mapping: TraceMapping, taken: set[str]) -> TraceDraft | SkipReason:
    """The draft of a trace whose job no earlier trace of the log has become."""
    draft = draft_of(trace, mapping)
    if isinstance(draft, SkipReason):
        return draft
    if draft.job_id in taken:
        return SkipReason.SAME_NAME
    taken.add(draft.job_id)
    return draft


def place_of_trace(drafts: list[TraceDraft], before: int, index: int) -> str:
    """Where in the log the record with this index comes from, when `before` records stand before those of the drafts."""
    ends: list[int] = []
    end = before
    for draft in drafts:
        end += draft.size
        ends.append(end)
    if index < before:
        return "the workflow"
    draft = drafts[bisect_right(ends, index)]
    return f"trace {draft.number} (line {draft.line})"


def line_batches(file: BinaryIO) -> Iterator[LineBatch]:
    """The records of an NDJSON file in batches; at least one, which may be empty.

    Raises REQUEST_INVALID naming lines and fields at the end of the first batch that has faults, FileUnreadable where the file breaks off.
    """
    batch, errors = LineBatch(), list[FieldError]()
    for number, line in _lines(file):
        record = parse_line(line, f"line {number}", errors)
        if record is not None:
            batch.records.append(record)
            batch.lines.append(number)
        if len(batch.records) >= BATCH_SIZE or len(errors) >= MAX_ERRORS:
            _refuse_faulty(errors)
            batch.position = file.tell()
            yield batch
            batch = LineBatch()
    _refuse_faulty(errors)
    batch.position = file.tell()
    yield batch


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line that is not blank."""
    content = content_of(file)
    number = 0
    while line := read_line(content, LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise FileUnreadable(f"Line {number} is longer than {LONGEST_LINE} bytes.")
        if number == 1:
            line = line.removeprefix(BYTE_ORDER_MARK)
        if line.strip(WHITE_SPACE):
            yield number, line


def _refuse_faulty(errors: list[FieldError]) -> None:
    if errors:
        detail = "Some lines hold no valid record. What stands before them may be recorded already; mend them and import the file again."
        raise REQUEST_INVALID.because(detail, errors[:MAX_ERRORS])
