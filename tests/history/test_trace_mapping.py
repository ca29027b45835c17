"""What a trace becomes: its records, their ids and times, and the reasons for leaving it out."""

import io
from typing import Any
from uuid import UUID

import pytest

from factbook.history.importing.mapping import SkipReason, TraceDraft, TraceMapping, draft_of, records_of
from factbook.history.importing.workflow import version_record, workflow_of
from factbook.history.importing.xes import XesError, read_traces
from factbook.history.truth.model import Evidence, NodeActivation, Record, TaskOutcome, TaskStart
from tests.history.event_logs import Attributes, event, log_text, trace_text

CUSTOMER = UUID(int=7)
AT = "2024-01-01T01:00:00.5+01:00"
MAPPING = TraceMapping("customer")
C1 = {"concept:name": "t", "customer": "C1"}


def mapped(attributes: Attributes, *events: Attributes, mapping: TraceMapping = MAPPING) -> TraceDraft | SkipReason:
    (trace,) = read_traces(io.BytesIO(log_text(trace_text(attributes, *events))), mapping.keys)
    return draft_of(trace, mapping)


def records(attributes: Attributes, *events: Attributes, mapping: TraceMapping = MAPPING) -> list[Record]:
    draft = mapped(attributes, *events, mapping=mapping)
    assert isinstance(draft, TraceDraft)
    found = records_of(draft, CUSTOMER, "w", "v")
    assert draft.size == len(found)
    return found


def of_type(kind: type[Any], found: list[Record]) -> list[Any]:
    return [record for record in found if isinstance(record, kind)]


def test_a_trace_is_a_group_a_job_and_a_flow_from_its_first_event_on() -> None:
    group, job, flow, *_ = records(C1, event("a", AT), event("b", "2023-01-01T00:00:00Z"))
    assert [record.type for record in (group, job, flow)] == ["flow_group", "job", "flow"]
    began = "2024-01-01T00:00:00.500000+00:00"
    assert [group.model_dump(), job.model_dump(), flow.model_dump()] == [
        {"id": "t", "type": "flow_group", "scope_type": "job", "scope_id": "t", "created_at": group.created_at},  # type: ignore[union-attr]
        {"id": "t", "type": "job", "customer_id": CUSTOMER, "flow_group_id": "t", "address": None, "created_at": job.created_at},  # type: ignore[union-attr]
        {"id": "t", "type": "flow", "workflow_id": "w", "workflow_version_id": "v", "flow_group_id": "t", "created_at": flow.created_at},  # type: ignore[union-attr]
    ]
    assert {record.created_at.isoformat() for record in (group, job, flow)} == {began}  # type: ignore[union-attr]


def test_an_event_is_an_activation_a_start_and_an_outcome_at_its_time() -> None:
    found = records(C1, event("a", AT, org_resource="ana", lifecycle_transition="schedule"))
    activation, start, outcome = found[3:]
    assert isinstance(activation, NodeActivation)
    assert isinstance(start, TaskStart)
    assert isinstance(outcome, TaskOutcome)
    assert (activation.id, activation.flow_id, activation.node_id, activation.iteration) == ("t/1", "t", "a", 1)
    assert (start.id, start.flow_id, start.task_id, start.node_activation_id, start.started_by) == ("t/1", "t", "a", "t/1", "ana")
    assert (outcome.id, outcome.task_execution_id, outcome.outcome, outcome.outcome_by) == ("t/1", "t/1", "schedule", "ana")
    assert activation.activated_at == start.started_at == outcome.outcome_at


@pytest.mark.parametrize("empty", [{}, {"org:resource": "", "lifecycle:transition": ""}])
def test_without_a_resource_nobody_acted_and_without_a_transition_it_completed(empty: Attributes) -> None:
    found = records(C1, {**event("a", AT), **empty})
    assert of_type(TaskStart, found)[0].started_by is None
    assert (of_type(TaskOutcome, found)[0].outcome, of_type(TaskOutcome, found)[0].outcome_by) == ("complete", None)


def test_the_nth_event_of_an_activity_is_its_nth_iteration() -> None:
    found = records(C1, *(event(activity, AT) for activity in "abaab"))
    expected = [("a", 1), ("b", 1), ("a", 2), ("a", 3), ("b", 2)]
    assert [(record.node_id, record.iteration) for record in of_type(NodeActivation, found)] == expected
    assert [(record.task_id, record.iteration) for record in of_type(TaskStart, found)] == expected


def test_the_customer_is_the_traces_else_the_first_events() -> None:
    def identifier(attributes: Attributes, *events: Attributes) -> str | None:
        draft = mapped({"concept:name": "t", **attributes}, *events)
        return draft.identifier if isinstance(draft, TraceDraft) else None

    assert identifier({"customer": " C1 "}, event("a", AT, customer="C2")) == "C1"
    assert identifier({}, event("a", AT, customer="C2"), event("a", AT, customer="C3")) == "C2"
    assert identifier({}, event("a", AT), event("a", AT, customer="C3")) is None


@pytest.mark.parametrize("blocked", ["", " ", "null", "None", "UNKNOWN", "n/a", "000", "a\u200bb", "x" * 256])
def test_a_customer_that_cannot_be_normalized_leaves_the_trace_out(blocked: str) -> None:
    assert mapped({"concept:name": "t", "customer": blocked}, event("a", AT)) is SkipReason.NO_CUSTOMER


LONG = "x" * 129
LONG_NAME = "x" * 501


@pytest.mark.parametrize(
    ("attributes", "events", "reason"),
    [
        ({"customer": "C1"}, [event("a", AT)], SkipReason.NO_NAME),
        ({**C1, "concept:name": ""}, [event("a", AT)], SkipReason.NO_NAME),
        (C1, [], SkipReason.NO_EVENTS),
        (C1, [event("a", AT), {"time:timestamp": AT}], SkipReason.EVENT_WITHOUT_ACTIVITY),
        (C1, [event("a", AT), event("", AT)], SkipReason.EVENT_WITHOUT_ACTIVITY),
        (C1, [event("a", AT), {"concept:name": "a"}], SkipReason.EVENT_WITHOUT_TIME),
        (C1, [event("a", "yesterday")], SkipReason.EVENT_WITHOUT_TIME),
        (C1, [event("a", "2024-01-01T00:00:00")], SkipReason.EVENT_WITHOUT_TIME),
        ({**C1, "concept:name": LONG}, [event("a", AT)], SkipReason.TOO_LONG),
        ({**C1, "concept:name": "x" * 127}, [event("a", AT)], SkipReason.TOO_LONG),
        (C1, [event(LONG, AT)], SkipReason.TOO_LONG),
        (C1, [event("a", AT, org_resource=LONG_NAME)], SkipReason.TOO_LONG),
        (C1, [event("a", AT, lifecycle_transition=LONG_NAME)], SkipReason.TOO_LONG),
    ],
)
def test_a_trace_that_cannot_be_recorded_whole_is_left_out_with_its_reason(
    attributes: Attributes, events: list[Attributes], reason: SkipReason
) -> None:
    assert mapped(attributes, *events) is reason


def test_a_name_is_kept_up_to_the_last_character_that_ids_have_room_for() -> None:
    assert isinstance(mapped({**C1, "concept:name": "x" * 126}, event("a", AT)), TraceDraft)


def test_named_attributes_become_texts_attached_at_the_events_time() -> None:
    mapping = TraceMapping("customer", evidence_keys=("note", "a/b"))
    found = records(C1, event("a", AT, note="was \u00e9"), {**event("b", AT, org_resource="ana"), "a/b": ""}, event("c", AT), mapping=mapping)
    first, second = of_type(Evidence, found)
    assert (first.id, first.data, first.attached_by, first.evidence_type) == ("t/1/note", '{"content":"was \u00e9"}', "import", "TEXT")
    assert (first.flow_id, first.task_id, first.task_execution_id, first.attached_at) == ("t", "a", "t/1", of_type(TaskStart, found)[0].started_at)
    assert (second.id, second.data, second.attached_by) == ("t/2/a%2Fb", '{"content":""}', "ana")


def test_a_text_longer_than_a_record_can_hold_leaves_the_trace_out() -> None:
    assert mapped(C1, event("a", AT, note="x" * 1024 * 1024), mapping=TraceMapping("customer", evidence_keys=("note",))) is SkipReason.TOO_LONG


def test_every_key_of_the_mapping_can_be_another_attribute() -> None:
    mapping = TraceMapping("who", "what", "by", "when", "case", "how", job_prefix="shop:")
    found = records({"case": "9", "who": "C1"}, {"what": "a", "by": "ana", "when": AT, "how": "done"}, mapping=mapping)
    assert found[1].id == "shop:9"
    assert (of_type(NodeActivation, found)[0].node_id, of_type(TaskOutcome, found)[0].outcome) == ("a", "done")


def test_a_job_prefix_ends_in_a_colon() -> None:
    with pytest.raises(ValueError, match="ends in a colon"):
        TraceMapping("customer", job_prefix="shop")


def test_a_version_is_the_same_for_the_same_activities_and_another_for_others() -> None:
    one, again, more = workflow_of("log", ["b", "a"]), workflow_of("log", ["a", "b"]), workflow_of("log", ["a", "b", "c"])
    assert one == again
    assert (one.workflow_id, one.snapshot["name"]) == ("log", "log")
    assert one.version_id != more.version_id
    assert one.version_id != workflow_of("other", ["a", "b"]).version_id
    assert one.snapshot["nodes"] == [{"id": name, "name": name, "tasks": [{"id": name, "name": name}]} for name in ("a", "b")]


def test_a_version_keeps_its_number_and_a_new_one_takes_the_next() -> None:
    workflow = workflow_of("log", ["a"])
    assert version_record(workflow, {}).version == 1
    assert version_record(workflow, {"x": 1, "y": 4}).version == 5
    assert version_record(workflow, {"x": 7, workflow.version_id: 3}).version == 3


def test_a_workflow_with_a_long_name_gets_an_id_made_from_it() -> None:
    workflow = workflow_of("x" * 129, ["a"])
    assert len(workflow.workflow_id) == 68
    assert version_record(workflow, {}).workflow_id == workflow.workflow_id


def test_activities_that_no_snapshot_can_hold_are_refused() -> None:
    with pytest.raises(XesError, match="too many for one workflow"):
        version_record(workflow_of("log", [f"{number:0>128}" for number in range(4000)]), {})
