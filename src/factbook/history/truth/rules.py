"""Decides what a batch of records adds to truth: which are new, which stand already, and what makes the whole batch impossible.

Pure: it sees the batch and what is known of its ids, and answers with numbered records or with a Problem. Nothing is stored in part.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from factbook.history.truth.model import Job, Record, RecordType, TaskOutcome
from factbook.kernel.problems import FieldError, ProblemKind

RECORD_DIFFERS = ProblemKind("record_differs", 409, "The id stands for another record already")
PARENT_UNKNOWN = ProblemKind("parent_unknown", 409, "A record points at something that is not recorded")
OUTCOME_ALREADY_RECORDED = ProblemKind("outcome_already_recorded", 409, "The task execution has its outcome already")
GROUP_HAS_JOB = ProblemKind("flow_group_has_job", 409, "The flow group belongs to a job already")

# Enough to repair a batch by; a caller with more has one cause, not hundreds.
MAX_ERRORS = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What has to be looked up before a batch can be decided."""

    ids: Mapping[RecordType, Sequence[str]]
    parents: Mapping[RecordType, Sequence[str]]
    customers: Sequence[UUID]
    executions: Sequence[str]
    groups: Sequence[str]


@dataclass(frozen=True, slots=True)
class Known:
    """What the tenant's truth already says about the ids a batch names.

    `contents` are those of `Record.content()`, by type and id; `parents` the ids that stand, by type; `outcomes` gives the id of an execution's
    outcome, `jobs` the id of a group's job.
    """

    head: int
    contents: Mapping[RecordType, Mapping[str, tuple[Any, ...]]]
    parents: Mapping[RecordType, AbstractSet[str]]
    customers: AbstractSet[UUID]
    outcomes: Mapping[str, str]
    jobs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A new record and its place in the tenant's truth."""

    seq: int
    record: Record


@dataclass(frozen=True, slots=True)
class Decision:
    """The records to append, in the order of the batch, and how many of the batch stood already."""

    new: list[Numbered]
    unchanged: int
    basis: int


# A record's place in the batch, which is how problems name it, and the record.
Placed = tuple[int, Record]


def wanted(records: Sequence[Record]) -> Wanted:
    """The look-ups that `decide` needs for these records."""
    by_type = _by_type(records)
    ids = {kind: {record.id for record in found} for kind, found in by_type.items()}
    parents: dict[RecordType, set[str]] = {}
    for found in by_type.values():
        for name, parent_type in found[0].parents.items():
            named = {getattr(record, name) for record in found} - {None} - ids.get(parent_type, set())
            parents.setdefault(parent_type, set()).update(named)
    jobs = [record for record in records if isinstance(record, Job)]
    return Wanted(
        ids={kind: sorted(found) for kind, found in ids.items()},
        parents={kind: sorted(found) for kind, found in parents.items() if found},
        customers=sorted({job.customer_id for job in jobs}),
        executions=sorted({record.task_execution_id for record in records if isinstance(record, TaskOutcome)}),
        groups=sorted({job.flow_group_id for job in jobs}),
    )


def decide(records: Sequence[Record], known: Known) -> Decision:
    """Number the new records from the head on. Raises the first kind of problem there is, naming every record that has it."""
    new = _new_records(records, known)
    _refuse(PARENT_UNKNOWN, "Record the parent first, or in the same request.", _orphans(new, known))
    _refuse(OUTCOME_ALREADY_RECORDED, "The first outcome of an execution stands for ever.", _second_outcomes(new, known))
    _refuse(GROUP_HAS_JOB, "A flow group has at most one job.", _second_jobs(new, known))
    numbered = [Numbered(seq, record) for seq, (_, record) in enumerate(new, start=known.head + 1)]
    return Decision(numbered, unchanged=len(records) - len(new), basis=known.head + len(new))


def _by_type(records: Iterable[Record]) -> dict[RecordType, list[Record]]:
    by_type: dict[RecordType, list[Record]] = {}
    for record in records:
        by_type.setdefault(record.record_type, []).append(record)
    return by_type


def _new_records(records: Sequence[Record], known: Known) -> list[Placed]:
    first: dict[tuple[RecordType, str], Record] = {}
    new: list[Placed] = []
    differing: list[tuple[int, str, str]] = []
    for index, record in enumerate(records):
        kind = record.record_type
        standing = known.contents[kind].get(record.id)
        twin = first.get((kind, record.id))
        if standing is None and twin is None:
            first[kind, record.id] = record
            new.append((index, record))
        elif record.content() != (standing or (twin and twin.content())):
            differing.append((index, "id", f"this {kind} id is recorded with other content"))
    _refuse(RECORD_DIFFERS, "A record is never changed; give the new one an id of its own.", differing)
    return new


def _orphans(new: Sequence[Placed], known: Known) -> list[tuple[int, str, str]]:
    """The fields of new records that point at nothing. Whole sets are compared first: as a rule nothing is missing."""
    by_type = _by_type(record for _, record in new)
    present = {
        kind: {record.id for record in by_type.get(kind, ())} | known.parents.get(kind, set()) | known.contents.get(kind, {}).keys()
        for kind in RecordType
    }
    missing = {
        (kind, name): pointed_at
        for kind, found in by_type.items()
        for name, parent_type in found[0].parents.items()
        if (pointed_at := {getattr(record, name) for record in found} - {None} - present[parent_type])
    }
    orphans = [
        (index, name, f"no such {record.parents[name]} is recorded")
        for index, record in (new if missing else ())
        for name in record.parents
        if getattr(record, name) in missing.get((record.record_type, name), ())
    ]
    orphans += [(index, "customer_id", "no such customer") for index, job in _jobs(new) if job.customer_id not in known.customers]
    return sorted(orphans)


def _second_outcomes(new: Sequence[Placed], known: Known) -> list[tuple[int, str, str]]:
    taken = dict(known.outcomes)
    return [
        (index, "task_execution_id", "this execution has an outcome already")
        for index, record in new
        if isinstance(record, TaskOutcome) and taken.setdefault(record.task_execution_id, record.id) != record.id
    ]


def _second_jobs(new: Sequence[Placed], known: Known) -> list[tuple[int, str, str]]:
    taken = dict(known.jobs)
    return [
        (index, "flow_group_id", "this group has a job already") for index, job in _jobs(new) if taken.setdefault(job.flow_group_id, job.id) != job.id
    ]


def _jobs(new: Sequence[Placed]) -> list[tuple[int, Job]]:
    return [(index, record) for index, record in new if isinstance(record, Job)]


def _refuse(kind: ProblemKind, detail: str, faults: Sequence[tuple[int, str, str]]) -> None:
    """End with a problem of this kind when there are faults, each an index, a field and a message."""
    if faults:
        raise kind.because(detail, [FieldError(f"records[{index}].{name}", message) for index, name, message in faults[:MAX_ERRORS]])
