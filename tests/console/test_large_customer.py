"""A customer with a long life opens like any other: as many statements, and no more of a page than there is to show."""

import re
from itertools import chain
from uuid import uuid4

import psycopg
import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from benchmarks.history_data import ENTRIES_PER_JOB, Tenant, make_history
from factbook.access import PrincipalKind, Scope, create_key
from factbook.console.customer.lanes import MOST_LANES
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from tests.console.counting import counted_statements
from tests.history.wire_records import (
    Json,
    evidence,
    flow,
    flow_group,
    job,
    new_customer,
    node_activation,
    task_outcome,
    task_start,
    workflow_version,
)

ENTRIES, BLOCKED = 100_000, 400
MOST_BYTES, MOST_BYTES_OF_HISTORY = 50_000, 32_000


@pytest.fixture(scope="module")
def long_lived(urls: DatabaseUrls) -> Tenant:
    """A tenant whose only customer has all these entries, made by the server itself, and many flows that are BLOCKED."""
    made = make_history(urls.admin, customers=1, jobs_per_customer=ENTRIES // ENTRIES_PER_JOB)
    with psycopg.connect(urls.admin, autocommit=True) as server:
        server.execute("SET search_path = factbook; SET session_replication_role = replica")
        server.execute(
            """
            INSERT INTO flow_statuses (tenant_id, id, recorded_seq, flow_id, status, changed_at)
            SELECT %s, 'blocked-' || number, %s + number, 'f-' || number, 'BLOCKED', now() FROM generate_series(0, %s - 1) AS number
            """,
            (made.id, made.records + 1, BLOCKED),
        )
    return made


async def test_a_customer_with_a_hundred_thousand_entries_opens_like_any_other(
    app: FastAPI, database: Database, long_lived: Tenant, viewer: AsyncClient, client: AsyncClient
) -> None:
    newcomer = await new_customer(client)
    field = {"value": "Turin", "source": "user_provided"}
    assert (await client.put(f"/customers/{newcomer}/profile/fields/city", json=field)).status_code == 200
    await viewer.get(f"/console/customers/{newcomer}")
    with counted_statements() as of_newcomer:
        await viewer.get(f"/console/customers/{newcomer}")
    key = await create_key(database, long_lived.id, PrincipalKind.HUMAN, "Ada", frozenset(Scope))
    async with AsyncClient(transport=ASGITransport(app), base_url="https://factbook") as other_viewer:
        assert (await other_viewer.post("/console/sign-in", data={"key": key})).status_code == 303
        of_customer, headers = f"/customers/{long_lived.customers[0]}", {"Authorization": f"Bearer {key}"}
        assert (await other_viewer.put(f"/v1{of_customer}/profile/fields/city", json=field, headers=headers)).status_code == 200
        address = f"/console{of_customer}"
        text = (await other_viewer.get(address)).text
        with counted_statements() as statements:
            text = (await other_viewer.get(address)).text
        (older,) = re.findall(r'href="(\?[^"]+#history)" rel="next"', text)
        second = (await other_viewer.get(address + older)).text
    assert len(statements) == len(of_newcomer) <= 8
    assert f"{BLOCKED} blocked</span>" in text
    assert len(text.encode()) < MOST_BYTES
    assert text.count("</svg><time") == second.count("</svg><time") == 50
    assert f"{ENTRIES // ENTRIES_PER_JOB - MOST_LANES} more were last active before these" in text
    found = re.findall(r'</svg><time datetime="([^"]+)"', text + second)
    assert found == sorted(found, reverse=True)


async def test_fifty_typical_entries_leave_room_for_the_rest_of_the_page(viewer: AsyncClient, client: AsyncClient) -> None:
    customer = await new_customer(client)
    answer = await client.post("/truth", json={"records": typical_records(customer)})
    assert answer.status_code == 200, answer.text
    text = (await viewer.get(f"/console/customers/{customer}")).text
    history = text.partition('id="history-title"')[2].partition("</section>")[0]
    assert history.count("</svg><time") == 50
    assert history.count("tabindex") == MOST_LANES
    assert len(history.encode()) < MOST_BYTES_OF_HISTORY
    assert len(text.encode()) < MOST_BYTES


def typical_records(customer: str) -> list[Json]:
    """Forty-five jobs with long ids and names such as people give."""
    nodes = [{"id": str(uuid4()), "name": "Final inspection", "tasks": [{"id": "t", "name": "Take photographs of the finished work"}]}]
    snapshot = {"workflowId": "w", "version": 1, "name": "Bathroom renovation", "nodes": nodes}
    return [workflow_version(snapshot=snapshot), *chain.from_iterable(_typical_job(customer, number, nodes[0]["id"]) for number in range(45))]  # type: ignore[arg-type]


def _typical_job(customer: str, number: int, node: str) -> list[Json]:
    at = f"2026-{1 + number // 15:02d}-{1 + number % 15:02d}T10:00:00.000Z"
    group, made, going, activation, start = (str(uuid4()) for _ in range(5))
    return [
        flow_group(id=group, created_at=at),
        job(customer, id=made, flow_group_id=group, address=f"{number} Mill Lane, Little Hampton", created_at=at),
        flow(id=going, flow_group_id=group, created_at=at),
        node_activation(id=activation, flow_id=going, node_id=node, activated_at=at),
        task_start(id=start, flow_id=going, task_id="t", node_activation_id=activation, started_at=at, started_by="maya.fernandez@example.com"),
        evidence(id=str(uuid4()), flow_id=going, task_id="t", data={"content": "All tiles are in place. " * 20}, attached_at=at),
        task_outcome(id=str(uuid4()), task_execution_id=start, outcome="COMPLETED", outcome_at=at, outcome_by="maya.fernandez@example.com"),
    ]
