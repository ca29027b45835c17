"""Truth as a caller writes it: small JSON records for the tests of the HTTP contract."""

from typing import Any

from httpx2 import AsyncClient

AT = "2026-01-01T10:00:00.000Z"

Json = dict[str, Any]

SNAPSHOT: Json = {
    "workflowId": "w",
    "version": 1,
    "name": "Repair",
    "nodes": [{"id": "n1", "name": "Reception", "tasks": [{"id": "t1", "name": "Inspect"}]}],
}


def workflow_version(**fields: Any) -> Json:
    return {"type": "workflow_version", "id": "v1", "workflow_id": "w", "version": 1, "snapshot": SNAPSHOT} | fields


def flow_group(**fields: Any) -> Json:
    return {"type": "flow_group", "id": "g1", "scope_type": "job", "scope_id": "scope-1", "created_at": AT} | fields


def job(customer_id: str, **fields: Any) -> Json:
    return {"type": "job", "id": "j1", "customer_id": customer_id, "flow_group_id": "g1", "created_at": AT} | fields


def flow(**fields: Any) -> Json:
    return {"type": "flow", "id": "f1", "workflow_id": "w", "workflow_version_id": "v1", "flow_group_id": "g1", "created_at": AT} | fields


def node_activation(**fields: Any) -> Json:
    return {"type": "node_activation", "id": "a1", "flow_id": "f1", "node_id": "n1", "iteration": 1, "activated_at": AT} | fields


def task_start(**fields: Any) -> Json:
    start = {"type": "task_start", "id": "s1", "flow_id": "f1", "task_id": "t1", "node_activation_id": "a1", "iteration": 1, "started_at": AT}
    return start | fields


def task_outcome(**fields: Any) -> Json:
    return {"type": "task_outcome", "id": "o1", "task_execution_id": "s1", "outcome": "DONE", "outcome_at": AT} | fields


def evidence(**fields: Any) -> Json:
    kept = {"type": "evidence", "id": "e1", "flow_id": "f1", "task_id": "t1", "evidence_type": "TEXT", "data": {"content": "worn brakes"}}
    return kept | {"attached_at": AT, "attached_by": "Maya"} | fields


def flow_status(**fields: Any) -> Json:
    return {"type": "flow_status", "id": "fs1", "flow_id": "f1", "status": "COMPLETED", "changed_at": AT} | fields


def story(customer_id: str) -> list[Json]:
    """One record of each of the nine types."""
    return [
        workflow_version(),
        flow_group(),
        job(customer_id),
        flow(),
        node_activation(),
        task_start(),
        task_outcome(),
        evidence(),
        flow_status(),
    ]


async def new_customer(client: AsyncClient, identifier: str = "customer 1") -> str:
    """The id of a customer created over HTTP."""
    response = await client.post("/customers", json={"channel": "api", "identifier": identifier})
    assert response.status_code in {200, 201}
    customer_id: str = response.json()["id"]
    return customer_id
