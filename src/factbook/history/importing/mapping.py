"""Decides what a trace of an event log becomes: one flow group, job and flow, and per event a node activation, a task start and an outcome.

Pure. A trace becomes records whole or not at all, and every id follows from the trace's name and the event's place in it alone, so that reading
the same log again, or a later and longer copy of it, gives the same records for what stood in it before.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import quote
from uuid import UUID

from pydantic import ValidationError

from factbook.history.importing.xes import NAME_KEY, Trace
from factbook.history.truth.model import Evidence, Flow, FlowGroup, Job, NodeActivation, Record, TaskOutcome, TaskStart
from factbook.identity import Channel, normalize
from factbook.kernel.clock import parse_instant

# What the recorder is told where the log says nothing.
_DEFAULT_OUTCOME = "complete"
_IMPORTER = "import"

_JOB_SCOPE = "job"


class SkipReason(StrEnum):
    """Why a trace was left out."""

    NO_NAME = "without a name"
    SAME_NAME = "with the name of an earlier trace"
    NO_EVENTS = "without events"
    TOO_MANY_EVENTS = "with too many events"
    NO_CUSTOMER = "without a usable customer"
    EVENT_WITHOUT_ACTIVITY = "with an event without an activity"
    EVENT_WITHOUT_TIME = "with an event without a time that names its zone"
    TOO_LONG = "with a name or value too long for a record"


@dataclass(frozen=True, slots=True)
class TraceMapping:
    """Which attributes of the log mean what.

    `customer_key` is one of the trace, else of its first event; `job_key` is one of the trace; the others are of events. Each attribute in
    `evidence_keys` that an event has becomes a text attached at the event's time. `job_prefix` is empty or ends in a colon; it keeps apart the
    jobs of logs that number their traces alike. `ValueError` otherwise.
    """

    customer_key: str
    activity_key: str = NAME_KEY
    resource_key: str = "org:resource"
    timestamp_key: str = "time:timestamp"
    job_key: str = NAME_KEY
    outcome_key: str = "lifecycle:transition"
    evidence_keys: tuple[str, ...] = ()
    job_prefix: str = ""

    def __post_init__(self) -> None:
        if self.job_prefix and not self.job_prefix.endswith(":"):
            raise ValueError("a job prefix ends in a colon")

    @property
    def keys(self) -> frozenset[str]:
        """All attributes that the mapping reads."""
        single = (self.customer_key, self.activity_key, self.resource_key, self.timestamp_key, self.job_key, self.outcome_key)
        return frozenset((*single, *self.evidence_keys))


@dataclass(frozen=True, slots=True)
class TraceDraft:
    """What a trace becomes, but for what only the database knows: its customer's id, and the workflow version of a flow that is recorded already.

    `identifier` is the customer's normalized one; `number` and `line` are the trace's place in the log.
    """

    number: int
    line: int
    job_id: str
    identifier: str
    group: FlowGroup
    events: list[Record]

    @property
    def size(self) -> int:
        """How many records it will be: those of its events, and group, job and flow."""
        return len(self.events) + 3


def draft_of(trace: Trace, mapping: TraceMapping) -> TraceDraft | SkipReason:
    """The records of the trace that follow from the log alone, or why there are none."""
    name = trace.attributes.get(mapping.job_key)
    if not name:
        return SkipReason.NO_NAME
    if not trace.events:
        return SkipReason.NO_EVENTS
    if not trace.complete:
        return SkipReason.TOO_MANY_EVENTS
    identifier = normalize(Channel.API, trace.attributes.get(mapping.customer_key, trace.events[0].get(mapping.customer_key)))
    if identifier is None:
        return SkipReason.NO_CUSTOMER
    if not all(event.get(mapping.activity_key) for event in trace.events):
        return SkipReason.EVENT_WITHOUT_ACTIVITY
    times = _times(trace, mapping)
    if times is None:
        return SkipReason.EVENT_WITHOUT_TIME
    job_id = mapping.job_prefix + name
    try:
        group = FlowGroup(id=job_id, scope_type=_JOB_SCOPE, scope_id=job_id, created_at=times[0])
        events = list(_events_of(trace, times, job_id, mapping))
    except ValidationError:  # everything else that could be wrong has been ruled out above
        return SkipReason.TOO_LONG
    return TraceDraft(trace.number, trace.line, job_id, identifier, group, events)


def records_of(draft: TraceDraft, customer_id: UUID, workflow_id: str, workflow_version_id: str) -> list[Record]:
    """All records of the trace, parents first."""
    began = draft.group.created_at
    job = Job(id=draft.job_id, customer_id=customer_id, flow_group_id=draft.job_id, created_at=began)
    flow = Flow(id=draft.job_id, workflow_id=workflow_id, workflow_version_id=workflow_version_id, flow_group_id=draft.job_id, created_at=began)
    return [draft.group, job, flow, *draft.events]


def _times(trace: Trace, mapping: TraceMapping) -> list[datetime] | None:
    """The instants of the events, None when one of them lacks its own."""
    try:
        return [parse_instant(event.get(mapping.timestamp_key, "")) for event in trace.events]
    except ValueError:
        return None


def _events_of(trace: Trace, times: list[datetime], job_id: str, mapping: TraceMapping) -> Iterator[Record]:
    """Three records per event and its evidence. An event that is the n-th of its activity is iteration n of that node and task."""
    occurrences: Counter[str] = Counter()
    for place, (event, at) in enumerate(zip(trace.events, times, strict=True), start=1):
        activity = event[mapping.activity_key]
        occurrences[activity] = iteration = occurrences[activity] + 1
        actor = event.get(mapping.resource_key) or None
        outcome = event.get(mapping.outcome_key) or _DEFAULT_OUTCOME
        # Ids are one space per record type, so the three may share theirs.
        event_id = f"{job_id}/{place}"
        yield NodeActivation(id=event_id, flow_id=job_id, node_id=activity, iteration=iteration, activated_at=at)
        yield TaskStart(
            id=event_id,
            flow_id=job_id,
            task_id=activity,
            node_activation_id=event_id,
            iteration=iteration,
            started_at=at,
            started_by=actor,
        )
        for key in mapping.evidence_keys:
            if key in event:
                yield _evidence(event_id, key, event[key], job_id, activity, at, actor)
        yield TaskOutcome(id=event_id, task_execution_id=event_id, outcome=outcome, outcome_at=at, outcome_by=actor)


def _evidence(event_id: str, key: str, content: str, job_id: str, activity: str, at: datetime, actor: str | None) -> Evidence:
    return Evidence(
        id=f"{event_id}/{quote(key, safe=':')}",  # no slash of the key can make the id of another event's evidence
        flow_id=job_id,
        task_id=activity,
        task_execution_id=event_id,
        evidence_type="TEXT",
        data={"content": content},
        attached_at=at,
        attached_by=actor or _IMPORTER,
    )
