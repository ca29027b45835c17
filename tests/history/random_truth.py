"""Hypothesis strategies for truth: small worlds full of ties, late jobs, missing names and odd ids, and the ways to record them."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from factbook.history.truth.model import (
    Evidence,
    Flow,
    FlowGroup,
    FlowStatusChange,
    Job,
    NodeActivation,
    Record,
    TaskOutcome,
    TaskStart,
    WorkflowVersion,
)

# Few instants, so that many records share one; a year of three digits and both ends of what can be kept are among them.
_INSTANTS = [
    *(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=number) for number in (0, 1, 999)),
    datetime(1, 1, 1, microsecond=1000, tzinfo=UTC),
    datetime(987, 6, 5, 4, 3, 2, 1000, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
]
instants = st.sampled_from(_INSTANTS)
# Ids that languages, UTF-16 and bytes order differently.
_id_parts = st.sampled_from(["a", "B", "é", "z", "_", "\uffff", "\U0001f6b2", "10", "9"])
_names = st.none() | st.sampled_from(["", "Review", "Prüfung", 'a "quoted" name'])
_people = st.none() | st.sampled_from(["ana", "ben"])
_iterations = st.integers(1, 3)
_NODES = ["n1", "n2", "unnamed node"]
_TASKS = ["t1", "t2", "t3", "unnamed task"]


@st.composite
def _snapshots(draw: st.DrawFn) -> dict[str, Any]:
    """A snapshot that names some nodes and tasks, with the gaps that readers must bear."""
    tasks = draw(st.permutations(_TASKS[:3]))
    cut = draw(st.integers(0, 3))
    nodes = []
    for node, owned in (("n1", tasks[:cut]), ("n2", tasks[cut:])):
        shown: dict[str, Any] = {"id": node, "name": draw(_names)}
        lists_tasks = draw(st.booleans())
        if owned or lists_tasks:
            shown["tasks"] = [{"id": task, "name": draw(_names)} for task in owned] or None
        nodes.append(shown)
    return draw(st.sampled_from([{"name": draw(_names), "nodes": nodes}, {"name": "no nodes", "nodes": None}, {"nodes": nodes}, {}]))


@st.composite
def worlds(draw: st.DrawFn, customer_ids: list[UUID]) -> list[Record]:
    """Records of every type, parents first. Ids are unique within a type, not across types."""
    identities = partial(_ids, draw)
    versions = [
        WorkflowVersion(id=one, workflow_id=draw(_id_parts), version=draw(_iterations), snapshot=draw(_snapshots())) for one in identities(1, 3)
    ]
    groups = [FlowGroup(id=one, scope_type=draw(_id_parts), scope_id="s", created_at=draw(instants)) for one in identities(2, 4)]
    with_job = draw(st.lists(st.sampled_from(groups), unique=True, min_size=1))
    jobs = [
        Job(
            id=f"{draw(_id_parts)}{number}",
            customer_id=draw(st.sampled_from(customer_ids)),
            flow_group_id=group.id,
            address=draw(_names),
            created_at=draw(instants),
        )
        for number, group in enumerate(with_job)
    ]
    flows = [
        Flow(
            id=one,
            workflow_id=draw(_id_parts),
            workflow_version_id=draw(st.sampled_from(versions)).id,
            flow_group_id=draw(st.sampled_from(groups)).id,
            created_at=draw(instants),
        )
        for one in identities(2, 5)
    ]
    return [*versions, *groups, *jobs, *flows, *draw(_events([flow.id for flow in flows]))]


@st.composite
def _events(draw: st.DrawFn, flow_ids: list[str]) -> list[Record]:
    flow = st.sampled_from(flow_ids)
    identities = partial(_ids, draw)
    activations = [
        NodeActivation(id=one, flow_id=draw(flow), node_id=draw(st.sampled_from(_NODES)), iteration=draw(_iterations), activated_at=draw(instants))
        for one in identities(2, 6)
    ]
    starts = [
        TaskStart(
            id=one,
            flow_id=draw(flow),
            task_id=draw(st.sampled_from(_TASKS)),
            iteration=draw(_iterations),
            started_at=draw(instants),
            started_by=draw(_people),
        )
        for one in identities(2, 6)
    ]
    ended = draw(st.lists(st.sampled_from(starts), unique=True)) if starts else []
    outcomes = [
        TaskOutcome(id=f"o{number}", task_execution_id=start.id, outcome="DONE", outcome_at=draw(instants), outcome_by=draw(_people))
        for number, start in enumerate(ended)
    ]
    # An execution need not belong to the flow that the evidence names: then its iteration is all it lends.
    executions = st.none() | st.sampled_from([start.id for start in starts]) if starts else st.none()
    evidence = [
        Evidence(
            id=one,
            flow_id=draw(flow),
            task_id=draw(st.sampled_from(_TASKS)),
            task_execution_id=draw(executions),
            evidence_type=draw(st.sampled_from(["FILE", "TEXT", "STRUCTURED"])),
            data=draw(st.sampled_from([None, "text", {"b": [1.5, 10**30], "a": {}}])),
            attached_at=draw(instants),
            attached_by="ana",
        )
        for one in identities(2, 5)
    ]
    statuses = [
        FlowStatusChange(id=one, flow_id=draw(flow), status=draw(st.sampled_from(["BLOCKED", "COMPLETED"])), changed_at=draw(instants))
        for one in identities(0, 2)
    ]
    return [*activations, *starts, *outcomes, *evidence, *statuses]


def _ids(draw: st.DrawFn, least: int, most: int) -> list[str]:
    return draw(st.lists(st.tuples(_id_parts, _id_parts).map("".join), unique=True, min_size=least, max_size=most))


@st.composite
def recordings(draw: st.DrawFn, records: list[Record]) -> list[list[Record]]:
    """Deal the records out to a few batches, never a child before its parent's batch, and shuffle each batch."""
    most = draw(st.integers(2, 6))
    batch_of: dict[tuple[str, str], int] = {}
    batches: list[list[Record]] = [[] for _ in range(most)]
    for one in records:
        parents = [batch_of[kind, getattr(one, name)] for name, kind in one.parents.items() if getattr(one, name) is not None]
        place = draw(st.integers(max(parents, default=0), most - 1))
        batch_of[one.record_type, one.id] = place
        batches[place].append(one)
    return [draw(st.permutations(batch)) for batch in batches if batch]
