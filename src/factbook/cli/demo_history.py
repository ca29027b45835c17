"""The demo's story: a small workshop, three customers, two years of bicycles repaired and bought.

Fixed ids and fixed instants, so that loading it twice adds nothing and every reader sees the same bytes.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from factbook.history import Evidence, Flow, FlowGroup, FlowStatusChange, Job, NodeActivation, Record, TaskOutcome, TaskStart, WorkflowVersion

DEMO_CUSTOMERS = ("nora.lindqvist@example.com", "samir.haddad@example.com", "june.okafor@example.com")

# Node -> its tasks, in the order in which the workshop works.
_REPAIR = {"Reception": ["Inspect"], "Workshop": ["Repair", "Test ride"], "Handover": ["Collect payment"]}
_SALE = {"Advice": ["Measure rider"], "Order": ["Sign order"], "Handover": ["Deliver"]}

# Customer, workflow, address, first day, how each step ended, and how the job stands now.
_JOBS = (
    (0, "repair", "12 Harbour Street", "2024-11-04T09:12:00", ("WORN_BRAKES", "DONE", "PASSED", "PAID"), "COMPLETED"),
    (0, "sale", "12 Harbour Street", "2025-03-22T13:40:00", ("MEASURED", "SIGNED", "DELIVERED"), "COMPLETED"),
    (0, "repair", "12 Harbour Street", "2026-08-03T08:05:00", ("BENT_WHEEL", "WAITING_FOR_PARTS"), "BLOCKED"),
    (1, "repair", None, "2025-06-17T16:20:00", ("FLAT_TYRE", "DONE", "PASSED", "PAID"), "COMPLETED"),
    (1, "repair", None, "2026-09-01T10:00:00", ("CREAKING_CRANK", "WAITING_FOR_PARTS"), "BLOCKED"),
    (2, "sale", "3 Mill Lane", "2026-10-10T11:30:00", ("MEASURED",), "ACTIVE"),
)


def demo_records(customers: Mapping[str, UUID]) -> list[Record]:
    """All records of the story, parents first. `customers` gives the id of each of `DEMO_CUSTOMERS`."""
    records: list[Record] = [_version("repair", "Repair", _REPAIR), _version("sale", "Bicycle sale", _SALE)]
    for number, (customer, workflow, address, day, outcomes, status) in enumerate(_JOBS, start=1):
        records.extend(_job(f"demo-{number}", customers[DEMO_CUSTOMERS[customer]], workflow, address, _instant(day), outcomes, status))
    return records


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _version(workflow_id: str, name: str, nodes: Mapping[str, list[str]]) -> WorkflowVersion:
    snapshot: dict[str, Any] = {
        "name": name,
        "nodes": [{"id": node, "name": node, "tasks": [{"id": task, "name": task} for task in tasks]} for node, tasks in nodes.items()],
    }
    published = _instant("2024-01-08T08:00:00")
    return WorkflowVersion(
        id=f"{workflow_id}-1", workflow_id=workflow_id, version=1, snapshot=snapshot, published_at=published, published_by="Maya (owner)"
    )


def _job(
    key: str, customer_id: UUID, workflow: str, address: str | None, start: datetime, outcomes: tuple[str, ...], status: str
) -> Iterator[Record]:
    flow = f"{key}-flow"
    yield FlowGroup(id=f"{key}-group", scope_type=workflow, scope_id=key, created_at=start)
    yield Job(id=key, customer_id=customer_id, flow_group_id=f"{key}-group", address=address, created_at=start)
    yield Flow(id=flow, workflow_id=workflow, workflow_version_id=f"{workflow}-1", flow_group_id=f"{key}-group", created_at=start)
    steps = [(node, task) for node, tasks in (_REPAIR if workflow == "repair" else _SALE).items() for task in tasks]
    entered: set[str] = set()
    at = start
    for (node, task), outcome in zip(steps, outcomes, strict=False):
        if node not in entered:
            entered.add(node)
            yield NodeActivation(id=f"{key}-{node}", flow_id=flow, node_id=node, activated_at=at)
        execution = f"{key}-{task}"
        at += timedelta(minutes=25)
        yield TaskStart(id=execution, flow_id=flow, task_id=task, node_activation_id=f"{key}-{node}", started_at=at, started_by="Maya (owner)")
        at += timedelta(hours=2, minutes=10)
        yield from _evidence(f"{execution}-note", flow, task, execution, outcome, at)
        yield TaskOutcome(id=f"{execution}-end", task_execution_id=execution, outcome=outcome, outcome_at=at, outcome_by="Maya (owner)")
    if status != "ACTIVE":
        yield FlowStatusChange(id=f"{flow}-{status.lower()}", flow_id=flow, status=status, changed_at=at)


def _evidence(key: str, flow: str, task: str, execution: str, outcome: str, at: datetime) -> Iterator[Record]:
    """What the workshop keeps: a note of each inspection, the signed order, the receipt."""
    kept: dict[str, tuple[str, dict[str, Any]]] = {
        "Inspect": ("TEXT", {"content": f"Found: {outcome.replace('_', ' ').lower()}"}),
        "Sign order": ("FILE", {"storageKey": f"orders/{key}.pdf", "fileName": "signed-order.pdf", "mimeType": "application/pdf", "size": 48211}),
        "Collect payment": ("STRUCTURED", {"content": {"amount": "84.50", "currency": "EUR", "method": "card"}}),
    }
    if task in kept:
        evidence_type, data = kept[task]
        yield Evidence(
            id=key,
            flow_id=flow,
            task_id=task,
            task_execution_id=execution,
            evidence_type=evidence_type,
            data=data,
            attached_at=at,
            attached_by="Maya (owner)",
        )
