"""POST /v1/truth: what it takes, what it answers, and that nothing is stored of what it refuses."""

import json
from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient, Response

from factbook.access import PrincipalKind, Scope, create_tenant
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from tests.calling import Caller
from tests.history.recording import TRUTH_TABLES
from tests.history.wire_records import (
    AT,
    Json,
    evidence,
    flow,
    flow_group,
    flow_status,
    job,
    new_customer,
    node_activation,
    story,
    task_outcome,
    task_start,
    workflow_version,
)


async def post(client: AsyncClient, *records: Json) -> Response:
    return await client.post("/truth", json={"records": records})


async def stored(database: Database, tenant_id: UUID) -> int:
    async with database.reading(tenant_id) as connection:
        return sum([await connection.fetchval(f"SELECT count(*) FROM {table}") for table in TRUTH_TABLES])


def fields(response: Response) -> list[str]:
    return [error["field"] for error in response.json()["errors"]]


async def test_the_nine_record_types_are_recorded_and_numbered_from_one(client: AsyncClient) -> None:
    response = await post(client, *story(await new_customer(client)))
    assert response.status_code == 200
    assert response.json() == {"recorded": 9, "unchanged": 0, "basis": 9}


async def test_the_same_records_again_change_nothing(client: AsyncClient) -> None:
    records = story(await new_customer(client))
    await post(client, *records)
    assert (await post(client, *records)).json() == {"recorded": 0, "unchanged": 9, "basis": 9}


async def test_the_same_record_twice_in_one_request_is_recorded_once(client: AsyncClient) -> None:
    assert (await post(client, flow_group(), flow_group())).json() == {"recorded": 1, "unchanged": 1, "basis": 1}


async def test_lines_are_taken_as_well_as_a_document(client: AsyncClient) -> None:
    records = story(await new_customer(client))
    lines = "\n".join(json.dumps(record) for record in records)
    response = await client.post("/truth", content=lines, headers={"content-type": "application/x-ndjson"})
    assert response.json() == {"recorded": 9, "unchanged": 0, "basis": 9}


async def test_an_empty_request_records_nothing(client: AsyncClient) -> None:
    assert (await post(client)).json() == {"recorded": 0, "unchanged": 0, "basis": 0}


async def test_a_parent_may_stand_before_its_child_in_one_request_and_after_it_too(client: AsyncClient) -> None:
    records = list(reversed(story(await new_customer(client))))
    assert (await post(client, *records)).json()["recorded"] == 9


async def test_an_instant_is_kept_in_utc_and_cut_to_the_millisecond(client: AsyncClient) -> None:
    customer = await new_customer(client)
    await post(client, *story(customer), node_activation(id="a2", activated_at="2026-01-01T12:00:00.123999+02:00"))
    items = (await client.get(f"/customers/{customer}/history", params={"event_type": "NODE_ACTIVATED"})).json()["items"]
    assert [item["timestamp"] for item in items] == ["2026-01-01T10:00:00.000Z", "2026-01-01T10:00:00.123Z"]


async def test_the_same_instant_written_in_another_zone_is_the_same_record(client: AsyncClient) -> None:
    await post(client, flow_group(created_at="2026-01-01T10:00:00Z"))
    assert (await post(client, flow_group(created_at="2026-01-01T11:00:00.000+01:00"))).json()["unchanged"] == 1


async def test_data_with_its_keys_in_another_order_is_the_same_record(client: AsyncClient) -> None:
    records = story(await new_customer(client))
    await post(client, *records, evidence(id="e2", data={"a": 1, "b": [True, None]}))
    assert (await post(client, evidence(id="e2", data={"b": [True, None], "a": 1}))).json()["unchanged"] == 1


@pytest.mark.parametrize("other", [1.0, True, "1", [1], None])
async def test_data_of_another_type_is_another_record(client: AsyncClient, other: Any) -> None:
    await post(client, *story(await new_customer(client)), evidence(id="e2", data={"a": 1}))
    assert (await post(client, evidence(id="e2", data={"a": other}))).json()["code"] == "record_differs"


NOT_RECORDS: list[tuple[Any, str]] = [
    (node_activation(activated_at="2026-01-01T10:00:00"), "records[1].activated_at"),
    (node_activation(activated_at="yesterday"), "records[1].activated_at"),
    (node_activation(activated_at=1767261600), "records[1].activated_at"),
    (node_activation(activated_at=None), "records[1].activated_at"),
    (node_activation(iteration=0), "records[1].iteration"),
    (node_activation(iteration="1"), "records[1].iteration"),
    (node_activation(iteration=2**31), "records[1].iteration"),
    (node_activation(id=""), "records[1].id"),
    (node_activation(id="x" * 129), "records[1].id"),
    (node_activation(id=7), "records[1].id"),
    (node_activation(node_id="n\x00"), "records[1].node_id"),
    (node_activation(node_id="\ud800"), "records[1].node_id"),
    (node_activation(colour="red"), "records[1].colour"),
    ({"type": "node_activation", "id": "a1", "flow_id": "f1", "activated_at": AT}, "records[1].node_id"),
    ({"type": "balance", "id": "b1"}, "records[1].type"),
    ({"id": "b1"}, "records[1].type"),
    ("a text", "records[1]"),
    (None, "records[1]"),
    (job("not an id"), "records[1].customer_id"),
    (evidence(evidence_type="VIDEO"), "records[1].evidence_type"),
    (evidence(data={"content": "a\x00b"}), "records[1].data"),
    (evidence(data={"deep\ud800": 1}), "records[1].data"),
    (evidence(data=float("nan")), "records[1].data"),
    (evidence(data=[float("inf")]), "records[1].data"),
    (evidence(data="x" * 10_000_000), "records[1].data"),
    (flow_status(status="DONE"), "records[1].status"),
    (workflow_version(version=0), "records[1].version"),
    (workflow_version(snapshot=[]), "records[1].snapshot"),
    (workflow_version(snapshot={"nodes": [{"id": "n"}, {"id": "n"}]}), "records[1].snapshot"),
    (workflow_version(snapshot={"nodes": [{"name": "without id"}]}), "records[1].snapshot"),
    (task_outcome(outcome=""), "records[1].outcome"),
]


@pytest.mark.parametrize(("record", "field"), NOT_RECORDS)
async def test_a_record_that_is_none_is_refused_by_index_and_field_and_nothing_is_stored(
    client: AsyncClient, database: Database, tenant_id: UUID, record: Any, field: str
) -> None:
    body = json.dumps({"records": [flow_group(), record]})
    response = await client.post("/truth", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert fields(response) == [field]
    assert await stored(database, tenant_id) == 0


async def test_every_record_at_fault_is_named(client: AsyncClient) -> None:
    response = await post(client, flow_group(scope_type=""), flow_group(created_at="2026"), flow_group())
    assert fields(response) == ["records[0].scope_type", "records[1].created_at"]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("", "body"),
        ("{", "body"),
        ("[]", "body"),
        ("nonsense", "body"),
        ('{"records": NaN}', "records"),
        ("{}", "records"),
        ('{"records": {}}', "records"),
        ('{"records": [], "more": 1}', "more"),
        ("[" * 100_000, "body"),
    ],
)
async def test_a_body_that_is_no_list_of_records_is_refused(client: AsyncClient, content: str, field: str) -> None:
    response = await client.post("/truth", content=content, headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert fields(response) == [field]


async def test_another_kind_of_body_is_refused_by_its_type(client: AsyncClient) -> None:
    response = await client.post("/truth", content="<log/>", headers={"content-type": "application/xml"})
    assert (response.status_code, response.json()["code"]) == (415, "media_type_unsupported")


async def test_a_body_beyond_the_limit_is_refused_before_it_is_read(client: AsyncClient) -> None:
    response = await client.post("/truth", content=b"x" * (16 * 1024 * 1024 + 1), headers={"content-type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (flow(), "workflow_version_id"),
        (flow(), "flow_group_id"),
        (node_activation(), "flow_id"),
        (task_start(node_activation_id=None), "flow_id"),
        (task_start(), "node_activation_id"),
        (task_outcome(), "task_execution_id"),
        (evidence(), "flow_id"),
        (evidence(task_execution_id="s9"), "task_execution_id"),
        (flow_status(), "flow_id"),
    ],
)
async def test_a_parent_that_is_not_recorded_is_named(client: AsyncClient, database: Database, tenant_id: UUID, record: Json, field: str) -> None:
    response = await post(client, flow_group(id="other"), record)
    assert (response.status_code, response.json()["code"]) == (409, "parent_unknown")
    assert f"records[1].{field}" in fields(response)
    assert await stored(database, tenant_id) == 0


async def test_another_tenants_parent_and_customer_read_like_unknown_ones(client: AsyncClient, app: Any, database: Database) -> None:
    customer = await new_customer(client)
    await post(client, *story(customer))
    other = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    stranger = await other.client()
    foreign = await post(stranger, flow_group(), job(customer), flow())
    unknown = await post(stranger, flow_group(), job(str(new_id())), flow())
    await other.close()
    assert foreign.status_code == unknown.status_code == 409
    assert foreign.json()["errors"] == unknown.json()["errors"]
    assert fields(foreign) == ["records[1].customer_id", "records[2].workflow_version_id"]


async def test_a_second_outcome_is_refused_and_the_first_stands(client: AsyncClient) -> None:
    customer = await new_customer(client)
    await post(client, *story(customer))
    response = await post(client, task_outcome(id="o2", outcome="FAILED"))
    assert (response.status_code, response.json()["code"]) == (409, "outcome_already_recorded")
    assert fields(response) == ["records[0].task_execution_id"]
    items = (await client.get(f"/customers/{customer}/history", params={"event_type": "TASK_OUTCOME"})).json()["items"]
    assert [item["outcome"] for item in items] == ["DONE"]


async def test_two_outcomes_of_one_execution_in_one_request_are_refused(client: AsyncClient, database: Database, tenant_id: UUID) -> None:
    response = await post(client, *story(await new_customer(client)), task_outcome(id="o2"))
    assert (response.status_code, response.json()["code"]) == (409, "outcome_already_recorded")
    assert fields(response) == ["records[9].task_execution_id"]
    assert await stored(database, tenant_id) == 0


async def test_a_second_job_for_a_flow_group_is_refused(client: AsyncClient) -> None:
    customer = await new_customer(client)
    await post(client, *story(customer))
    response = await post(client, job(customer, id="j2"))
    assert (response.status_code, response.json()["code"]) == (409, "flow_group_has_job")


async def test_one_id_with_other_content_is_refused(client: AsyncClient) -> None:
    await post(client, flow_group())
    response = await post(client, flow_group(id="g2"), flow_group(scope_id="another"))
    assert (response.status_code, response.json()["code"]) == (409, "record_differs")
    assert fields(response) == ["records[1].id"]
    assert (await post(client, flow_group(id="g2"))).json()["recorded"] == 1


async def test_one_id_with_two_contents_in_one_request_is_refused(client: AsyncClient) -> None:
    response = await post(client, flow_group(), flow_group(scope_id="another"))
    assert (response.status_code, response.json()["code"]) == (409, "record_differs")


async def test_ids_are_one_space_per_record_type(client: AsyncClient) -> None:
    records = [record | {"id": "same"} for record in (workflow_version(), flow_group())]
    assert (await post(client, *records)).json()["recorded"] == 2


async def test_recording_needs_its_scope_and_reading_needs_none(caller: Caller) -> None:
    reader = await caller.client(PrincipalKind.SERVICE, frozenset())
    response = await post(reader, flow_group())
    assert (response.status_code, response.json()["code"]) == (403, "scope_required")
    assert (await reader.get("/jobs")).status_code == 200


async def test_a_service_with_the_scope_records(caller: Caller) -> None:
    service = await caller.client(PrincipalKind.SERVICE, frozenset({Scope.TRUTH_WRITE}))
    assert (await post(service, flow_group())).json()["recorded"] == 1


async def test_who_recorded_which_numbers_is_kept(client: AsyncClient, database: Database, tenant_id: UUID) -> None:
    await post(client, flow_group())
    await post(client, flow_group(id="g2"), flow_group(id="g3"))
    async with database.reading(tenant_id) as connection:
        batches = await connection.fetch(
            "SELECT first_seq, last_seq, p.name FROM truth_batches b JOIN principals p ON p.id = b.recorded_by ORDER BY first_seq"
        )
    assert [tuple(batch) for batch in batches] == [(1, 1, "a test"), (2, 3, "a test")]


async def test_no_problem_repeats_what_was_sent(client: AsyncClient) -> None:
    canary = "canary-4f1c"
    refused = await post(client, flow_group(scope_type=[canary], created_at=canary, **{canary: canary}))
    differing = await post(client, flow_group(id=canary), flow_group(id=canary, scope_id="other"))
    orphan = await post(client, flow(id=canary, flow_group_id=canary))
    assert refused.status_code == 422
    assert (differing.status_code, orphan.status_code) == (409, 409)
    assert canary not in differing.text + orphan.text
    assert [error["message"] for error in refused.json()["errors"] if canary in error["message"]] == []
