"""Decides what a batch of records adds to truth: which are new, which stand already, and what makes the whole batch impossible.

Pure: it sees the batch and what is known of its ids, and answers with numbered records or with a Problem. Nothing is stored in part.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from factbook.history.truth.model import Job, Record, RecordType, TaskOutcome
from factbook.kernel.problems import FieldError, Problem, ProblemKind

RECORD_DIFFERS = ProblemKind("record_differs", 409, "The id stands for another record already")
PARENT_UNKNOWN = ProblemKind("parent_unknown", 409, "A record points at something that is not recorded")
OUTCOME_ALREADY_RECORDED = ProblemKind("outcome_already_recorded", 409, "The task execution has its outcome already")
GROUP_HAS_JOB = ProblemKind("flow_group_has_job", 409, "The flow group belongs to a job already")

# Enough to repair a batch by; a caller with more has one cause, not hundreds.
MAX_ERRORS = 100

Key = tuple[RecordType, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What has to be looked up before a batch can be decided."""

    ids: dict[RecordType, list[str]]
    parents: dict[RecordType, list[str]]
    customers: list[UUID]
    executions: list[str]
    groups: list[str]


@dataclass(frozen=True, slots=True)
class Known:
    """What the tenant's truth already says about the ids a batch names."""

    head: int
    contents: dict[Key, tuple[Any, ...]]
    parents: set[Key]
    customers: set[UUID]
    # Execution -> the id of its outcome; group -> the id of its job.
    outcomes: dict[str, str]
    jobs: dict[str, str]


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


def wanted(records: Sequence[Record]) -> Wanted:
    """The look-ups that `decide` needs for these records."""
    ids: dict[RecordType, set[str]] = {}
    for record in records:
        ids.setdefault(record.record_type, set()).add(record.id)
    parents: dict[RecordType, set[str]] = {}
    for record in records:
        for name, parent_type in record.parents.items():
            parent_id = getattr(record, name)
            if parent_id is not None and parent_id not in ids.get(parent_type, ()):
                parents.setdefault(parent_type, set()).add(parent_id)
    jobs = [record for record in records if isinstance(record, Job)]
    return Wanted(
        ids={kind: sorted(found) for kind, found in ids.items()},
        parents={kind: sorted(found) for kind, found in parents.items()},
        customers=sorted({job.customer_id for job in jobs}),
        executions=sorted({record.task_execution_id for record in records if isinstance(record, TaskOutcome)}),
        groups=sorted({job.flow_group_id for job in jobs}),
    )


def decide(records: Sequence[Record], known: Known) -> Decision:
    """Number the new records from the head on. Raises the first kind of problem there is, naming every record that has it."""
    new = _new_records(records, known)
    present = known.parents | set(known.contents) | {(record.record_type, record.id) for _, record in new}
    _refuse(PARENT_UNKNOWN, "Record the parent first, or in the same request.", new, lambda record: _missing_parents(record, present, known))
    _refuse_second_of_one(new, known)
    numbered = [Numbered(known.head + place, record) for place, (_, record) in enumerate(new, start=1)]
    return Decision(numbered, unchanged=len(records) - len(new), basis=known.head + len(new))


def _new_records(records: Sequence[Record], known: Known) -> list[tuple[int, Record]]:
    contents = dict(known.contents)
    new: list[tuple[int, Record]] = []
    differing: list[FieldError] = []
    for index, record in enumerate(records):
        key = (record.record_type, record.id)
        standing = contents.get(key)
        if standing is None:
            contents[key] = record.content()
            new.append((index, record))
        elif standing != record.content():
            differing.append(FieldError(f"records[{index}].id", f"this {record.type} id is recorded with other content"))
    if differing:
        raise RECORD_DIFFERS.because("A record is never changed; give the new one an id of its own.", differing[:MAX_ERRORS])
    return new


def _missing_parents(record: Record, present: set[Key], known: Known) -> list[tuple[str, str]]:
    missing = [
        (name, f"no such {parent_type} is recorded")
        for name, parent_type in record.parents.items()
        if getattr(record, name) is not None and (parent_type, getattr(record, name)) not in present
    ]
    if isinstance(record, Job) and record.customer_id not in known.customers:
        missing.append(("customer_id", "no such customer"))
    return missing


@dataclass(slots=True)
class _Taken:
    """What has its one outcome or its one job already, the batch included."""

    outcomes: dict[str, str] = field(default_factory=dict)
    jobs: dict[str, str] = field(default_factory=dict)

    def second_outcome(self, record: Record) -> list[tuple[str, str]]:
        if isinstance(record, TaskOutcome) and self.outcomes.setdefault(record.task_execution_id, record.id) != record.id:
            return [("task_execution_id", "this execution has an outcome already")]
        return []

    def second_job(self, record: Record) -> list[tuple[str, str]]:
        if isinstance(record, Job) and self.jobs.setdefault(record.flow_group_id, record.id) != record.id:
            return [("flow_group_id", "this group has a job already")]
        return []


def _refuse_second_of_one(new: list[tuple[int, Record]], known: Known) -> None:
    taken = _Taken(dict(known.outcomes), dict(known.jobs))
    _refuse(OUTCOME_ALREADY_RECORDED, "The first outcome of an execution stands for ever.", new, taken.second_outcome)
    _refuse(GROUP_HAS_JOB, "A flow group has at most one job.", new, taken.second_job)


def _refuse(kind: ProblemKind, detail: str, new: list[tuple[int, Record]], faults: Callable[[Record], list[tuple[str, str]]]) -> None:
    errors = [FieldError(f"records[{index}].{name}", message) for index, record in new for name, message in faults(record)]
    if errors:
        raise _problem(kind, detail, errors)


def _problem(kind: ProblemKind, detail: str, errors: list[FieldError]) -> Problem:
    return kind.because(detail, errors[:MAX_ERRORS])
