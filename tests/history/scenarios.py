"""The language of the worked examples: what was done, as truth records it, and the ledger that must come of it.

A trace is a table of lines `seconds flow command`, in the order in which an engine writes. One second is one command of a user; an outcome and
the activations it causes share theirs. `it2` is the second iteration, `it1` goes without saying. What follows `refused` was refused by the engine
and left no record. The commands are

    NA node [itN]    ST task [itN]    EV task type [itN]    OUT task outcome [itN]    IS status

A ledger is a table of lines `seconds flow entry`, in the order of the ledger, each entry with its iteration.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

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

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Workflow:
    """A workflow of one version. `nodes` maps `id name` to the ids of the node's tasks; a task is named after its id."""

    name: str
    nodes: dict[str, list[str]]

    @property
    def id(self) -> str:
        return f"wf-{self.name.lower()}"

    def version(self) -> WorkflowVersion:
        return WorkflowVersion(id=f"{self.id}-v1", workflow_id=self.id, version=1, snapshot=self.snapshot(), published_at=START, published_by=None)

    def snapshot(self) -> Any:
        nodes = [
            {"id": node.split()[0], "name": node.partition(" ")[2], "tasks": [{"id": task, "name": f"Task {task}"} for task in tasks]}
            for node, tasks in self.nodes.items()
        ]
        return {"workflowId": self.id, "version": 1, "name": self.name, "nodes": nodes, "gates": []}


@dataclass(frozen=True)
class Scenario:
    """`flows` maps each flow to its workflow and its group. Each group has the job `job-<group>`, all of one customer."""

    name: str
    flows: dict[str, tuple[Workflow, str]]
    trace: str
    ledger: str
    job_signals: dict[str, str]

    def records(self, customer_id: UUID) -> list[Record]:
        """All records, parents first, events in the order of the trace."""
        return [*self.frame(customer_id), *(record for command in self.commands() for record in command)]

    def frame(self, customer_id: UUID) -> list[Record]:
        """Versions, groups, jobs and flows."""
        workflows = {workflow.id: workflow for workflow, _ in self.flows.values()}
        groups = sorted({group for _, group in self.flows.values()})
        return [
            *(workflow.version() for workflow in workflows.values()),
            *(FlowGroup(id=group, scope_type="job", scope_id=f"exec_{group}", created_at=START) for group in groups),
            *(Job(id=f"job-{group}", customer_id=customer_id, flow_group_id=group, address="1 Quay", created_at=START) for group in groups),
            *(
                Flow(id=flow, workflow_id=workflow.id, workflow_version_id=f"{workflow.id}-v1", flow_group_id=group, created_at=START)
                for flow, (workflow, group) in self.flows.items()
            ),
        ]

    def commands(self) -> list[list[Record]]:
        """The records of each second, in order."""
        by_second: dict[str, list[Record]] = {}
        for line in table(self.trace):
            second, flow, *command = line.split()
            if "refused" not in command:
                by_second.setdefault(second, []).append(recorded(START + timedelta(seconds=int(second)), flow, command))
        return list(by_second.values())


def table(text: str) -> list[str]:
    """The lines of a table, their columns one space apart."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def recorded(at: datetime, flow: str, command: list[str]) -> Record:
    """The record that a command leaves. Executions, activations and evidence are told apart by flow, node or task, and iteration."""
    verb, subject, *rest = command
    iteration = int(rest.pop()[2:]) if rest and rest[-1].startswith("it") else 1
    key = f"{flow}-{subject}-{iteration}"
    match verb:
        case "NA":
            return NodeActivation(id=f"na-{key}", flow_id=flow, node_id=subject, iteration=iteration, activated_at=at)
        case "ST":
            return TaskStart(id=f"te-{key}", flow_id=flow, task_id=subject, iteration=iteration, started_at=at, started_by="ana")
        case "EV":
            execution = f"te-{key}"
            return Evidence(
                id=f"ev-{key}",
                flow_id=flow,
                task_id=subject,
                task_execution_id=execution,
                evidence_type=rest[0],
                data={"storageKey": f"acme/{key}"},
                attached_at=at,
                attached_by="ana",
            )
        case "OUT":
            return TaskOutcome(id=f"oc-{key}", task_execution_id=f"te-{key}", outcome=rest[0], outcome_at=at, outcome_by="ben")
        case "IS":
            return FlowStatusChange(id=f"fs-{flow}-{subject}", flow_id=flow, status=subject, reason=None, changed_at=at)
    raise ValueError(f"no such command: {verb}")


def shown(entries: list[dict[str, Any]]) -> Iterator[str]:
    """Ledger entries as lines of a ledger table."""
    verbs = {"NODE_ACTIVATED": "NA", "TASK_STARTED": "ST", "EVIDENCE_ATTACHED": "EV", "TASK_OUTCOME": "OUT"}
    for entry in entries:
        second = (datetime.fromisoformat(entry["timestamp"]) - START) // timedelta(seconds=1)
        subject = entry["task_id"] or entry["node_id"]
        detail = entry["evidence_type"] or entry["outcome"] or ""
        yield " ".join(f"{second} {entry['flow_id']} {verbs[entry['type']]} {subject} {detail} it{entry['iteration']}".split())
