"""The history routes over HTTP: ledger, digest, vault, signals, summary, jobs and timeline, with good and bad input."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx2 import AsyncClient

from factbook.access import create_tenant
from factbook.database.pools import Database
from factbook.kernel.canonical import canonical_json
from factbook.kernel.ids import new_id
from tests.calling import Caller
from tests.history.wire_records import (
    AT,
    SNAPSHOT,
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


def at(minute: int) -> str:
    return f"2026-01-01T10:{minute:02d}:00.000Z"


def second_job(customer_id: str) -> list[Json]:
    """A sale beside the repair of `story`, a minute later, with two pieces of evidence and a BLOCKED flow."""
    return [
        workflow_version(id="v2", workflow_id="w2", snapshot=SNAPSHOT | {"name": "Sale"}),
        flow_group(id="g2", scope_type="sale", created_at=at(1)),
        job(customer_id, id="j2", flow_group_id="g2", address="3 Mill Lane", created_at=at(1)),
        flow(id="f2", flow_group_id="g2", workflow_id="w2", workflow_version_id="v2", created_at=at(1)),
        node_activation(id="a2", flow_id="f2", activated_at=at(1)),
        task_start(id="s2", flow_id="f2", node_activation_id="a2", started_at=at(2)),
        evidence(id="e2", flow_id="f2", task_execution_id="s2", evidence_type="FILE", data={"storageKey": "k"}, attached_at=at(3)),
        evidence(id="e3", flow_id="f2", evidence_type="TEXT", data="bare text", attached_at=at(4)),
        task_outcome(id="o2", task_execution_id="s2", outcome="REFUSED", outcome_at=at(5), outcome_by="Ines"),
        flow_status(id="fs2", flow_id="f2", status="BLOCKED", reason="no parts", changed_at=at(5)),
    ]


@pytest.fixture
async def customer(client: AsyncClient) -> str:
    """A customer with the two jobs recorded: basis 9 after the first, 19 after both."""
    customer_id = await new_customer(client)
    for records in (story(customer_id), second_job(customer_id)):
        assert (await client.post("/truth", json={"records": records})).status_code == 200
    return customer_id


async def entries(client: AsyncClient, customer: str, **params: Any) -> list[str]:
    response = await client.get(f"/customers/{customer}/history", params=params)
    assert response.status_code == 200
    return [item["id"] for item in response.json()["items"]]


WHOLE_LEDGER = ["a1", "start-s1", "e1", "outcome-s1", "a2", "start-s2", "e2", "e3", "outcome-s2"]


async def test_the_ledger_interleaves_all_jobs_in_order(client: AsyncClient, customer: str) -> None:
    answer = (await client.get(f"/customers/{customer}/history")).json()
    assert [item["id"] for item in answer["items"]] == WHOLE_LEDGER
    assert (answer["next_cursor"], answer["basis"]) == (None, 19)


async def test_an_entry_has_every_key_and_null_where_it_has_no_value(client: AsyncClient, customer: str) -> None:
    items = (await client.get(f"/customers/{customer}/history")).json()["items"]
    assert items[6] == {
        "type": "EVIDENCE_ATTACHED",
        "id": "e2",
        "timestamp": "2026-01-01T10:03:00.000Z",
        "job_id": "j2",
        "job_address": "3 Mill Lane",
        "flow_id": "f2",
        "workflow_id": "w2",
        "workflow_name": "Sale",
        "workflow_version": 1,
        "node_id": "n1",
        "node_name": "Reception",
        "task_id": "t1",
        "task_name": "Inspect",
        "iteration": 1,
        "actor": "Maya",
        "evidence_type": "FILE",
        "outcome": None,
    }


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"workflow": "Sale"}, WHOLE_LEDGER[4:]),
        ({"workflow": "w2"}, WHOLE_LEDGER[4:]),
        ({"workflow": ["Sale", "w"]}, WHOLE_LEDGER),
        ({"workflow": "no such"}, []),
        ({"job_type": "job"}, WHOLE_LEDGER[:4]),
        ({"job_type": ["job", "sale"]}, WHOLE_LEDGER),
        ({"job_id": "j2"}, WHOLE_LEDGER[4:]),
        ({"event_type": "TASK_OUTCOME"}, ["outcome-s1", "outcome-s2"]),
        ({"event_type": ["NODE_ACTIVATED", "TASK_STARTED"], "job_id": "j1"}, ["a1", "start-s1"]),
        ({"evidence_type": "FILE"}, ["e2"]),
        ({"evidence_type": ["FILE", "TEXT"], "job_type": "sale"}, ["e2", "e3"]),
        ({"from": at(3)}, ["e2", "e3", "outcome-s2"]),
        ({"to": at(1)}, WHOLE_LEDGER[:4]),
        ({"from": at(1), "to": "2026-01-01T11:03:00+01:00"}, ["a2", "start-s2"]),
        ({"basis": 9}, WHOLE_LEDGER[:4]),
        ({"basis": 0}, []),
        ({"basis": 7}, ["a1", "start-s1", "outcome-s1"]),
    ],
)
async def test_filters_select_and_never_reorder(client: AsyncClient, customer: str, params: dict[str, Any], expected: list[str]) -> None:
    assert await entries(client, customer, **params) == expected


@pytest.mark.parametrize("limit", [1, 2, 4, 9, 200])
async def test_walking_the_pages_gives_the_whole_at_the_first_pages_basis(client: AsyncClient, customer: str, limit: int) -> None:
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        params: dict[str, Any] = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(f"/customers/{customer}/history", params=params)).json()
        seen += [item["id"] for item in page["items"]]
        assert page["basis"] == 19
        cursor = page["next_cursor"]
        late = node_activation(id=f"late-{len(seen)}", flow_id="f2", activated_at=at(6))
        assert (await client.post("/truth", json={"records": [late]})).status_code == 200
    assert seen == WHOLE_LEDGER


async def test_the_digest_is_over_the_canonical_lines_of_the_whole_ledger(client: AsyncClient, customer: str) -> None:
    items = (await client.get(f"/customers/{customer}/history", params={"basis": 19})).json()["items"]
    lines = b"".join(canonical_json(item) + b"\n" for item in items)
    digest = (await client.get(f"/customers/{customer}/history/digest")).json()
    assert digest == {"basis": 19, "entries": 9, "sha256": hashlib.sha256(lines).hexdigest()}
    assert (await client.get(f"/customers/{customer}/history/digest", params={"basis": 9})).json()["entries"] == 4


async def vault(client: AsyncClient, customer: str, **params: Any) -> list[tuple[str | None, list[str]]]:
    answer = (await client.get(f"/customers/{customer}/vault", params=params)).json()
    return [(group["key"], [item["id"] for item in group["items"]]) for group in answer["groups"]]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, [("FILE", ["e2"]), ("TEXT", ["e3", "e1"])]),
        ({"group_by": "type"}, [("FILE", ["e2"]), ("TEXT", ["e3", "e1"])]),
        ({"group_by": "job"}, [("j1", ["e1"]), ("j2", ["e3", "e2"])]),
        ({"group_by": "none"}, [(None, ["e3", "e2", "e1"])]),
        ({"evidence_type": "TEXT"}, [("TEXT", ["e3", "e1"])]),
        ({"workflow": "Repair"}, [("TEXT", ["e1"])]),
        ({"from": at(4), "group_by": "none"}, [(None, ["e3"])]),
        ({"basis": 9}, [("TEXT", ["e1"])]),
        ({"event_type": "TASK_OUTCOME"}, []),
    ],
)
async def test_the_vault_groups_evidence_newest_first(
    client: AsyncClient, customer: str, params: dict[str, Any], expected: Sequence[tuple[str | None, list[str]]]
) -> None:
    assert await vault(client, customer, **params) == expected


@pytest.mark.parametrize("group_by", ["type", "job", "none"])
async def test_a_vault_page_counts_entries_and_goes_on_under_the_same_key(client: AsyncClient, customer: str, group_by: str) -> None:
    whole = await vault(client, customer, group_by=group_by)
    walked: list[tuple[str | None, str]] = []
    cursor: str | None = ""
    while cursor is not None:
        params: dict[str, Any] = {"group_by": group_by, "limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(f"/customers/{customer}/vault", params=params)).json()
        walked += [(group["key"], item["id"]) for group in page["groups"] for item in group["items"]]
        cursor = page["next_cursor"]
    assert walked == [(key, item) for key, items in whole for item in items]


async def test_evidence_comes_back_as_the_json_value_it_was(client: AsyncClient, customer: str) -> None:
    odd = {"big": 10**40, "float": 1.5, "nested": [{"z": None, "a": True}], "text": "ä \u2028 </script> 'quoted'"}
    assert (await client.post("/truth", json={"records": [evidence(id="e9", evidence_type="STRUCTURED", data=odd)]})).status_code == 200
    groups = (await client.get(f"/customers/{customer}/vault", params={"evidence_type": "STRUCTURED"})).json()["groups"]
    (entry,) = groups[0]["items"]
    assert entry["data"] == odd
    assert set(entry) == {
        "id", "job_id", "job_address", "flow_id", "workflow_name", "task_id", "evidence_type", "data", "attached_at", "attached_by"
    }  # fmt: skip


async def test_the_signals_of_two_jobs(client: AsyncClient, customer: str) -> None:
    assert (await client.get(f"/customers/{customer}/signals")).json() == {
        "as_of": None,
        "basis": 19,
        "last_engagement_outcome": {
            "outcome": "REFUSED",
            "outcome_at": "2026-01-01T10:05:00.000Z",
            "outcome_by": "Ines",
            "job_id": "j2",
            "flow_id": "f2",
            "workflow_name": "Sale",
            "task_id": "t1",
            "iteration": 1,
            "record_id": "outcome-s2",
            "job_signal": "BLOCKED",
        },
        "recurrence_rate_of_blocked_nodes": {
            "rate": "0.0000",
            "numerator": 0,
            "denominator": 1,
            "nodes": [{"workflow_name": "Sale", "node_name": "Reception", "jobs": 1, "occurrences": 1}],
        },
        "blocked_flows_without_outcome": 0,
        "jobs_total": 2,
        "jobs_by_signal": {"ACTIVE": 0, "COMPLETED": 1, "SUSPENDED": 0, "BLOCKED": 1},
        "first_event_at": "2026-01-01T10:00:00.000Z",
        "last_event_at": "2026-01-01T10:05:00.000Z",
    }


async def test_the_signals_as_of_an_earlier_instant(client: AsyncClient, customer: str) -> None:
    signals = (await client.get(f"/customers/{customer}/signals", params={"as_of": "2026-01-01T11:04:59+01:00"})).json()
    assert signals["as_of"] == "2026-01-01T10:04:59.000Z"
    assert signals["last_engagement_outcome"]["record_id"] == "outcome-s1"
    assert signals["jobs_by_signal"] == {"ACTIVE": 1, "COMPLETED": 1, "SUSPENDED": 0, "BLOCKED": 0}
    assert signals["recurrence_rate_of_blocked_nodes"] == {"rate": None, "numerator": 0, "denominator": 0, "nodes": []}
    assert signals["last_event_at"] == "2026-01-01T10:04:00.000Z"


async def test_a_customer_without_jobs_has_an_empty_history(client: AsyncClient) -> None:
    customer = await new_customer(client)
    assert (await client.get(f"/customers/{customer}/history")).json() == {"items": [], "next_cursor": None, "basis": 0}
    assert (await client.get(f"/customers/{customer}/vault")).json() == {"group_by": "type", "groups": [], "next_cursor": None, "basis": 0}
    assert (await client.get(f"/customers/{customer}/summary")).json() == {"id": customer, "jobs": []}
    signals = (await client.get(f"/customers/{customer}/signals")).json()
    assert signals["last_engagement_outcome"] is None
    assert signals["first_event_at"] is None
    assert signals["jobs_total"] == 0


async def test_a_summary_lists_jobs_with_the_condition_their_flows_give_them(client: AsyncClient, customer: str) -> None:
    assert (await client.get(f"/customers/{customer}/summary")).json() == {
        "id": customer,
        "jobs": [
            {"id": "j1", "address": None, "created_at": AT, "flow_group_id": "g1", "derived_signal": "COMPLETED"},
            {"id": "j2", "address": "3 Mill Lane", "created_at": at(1), "flow_group_id": "g2", "derived_signal": "BLOCKED"},
        ],
    }


async def test_jobs_are_listed_newest_first_and_page_by_cursor(client: AsyncClient, customer: str) -> None:
    first = (await client.get("/jobs", params={"limit": 1})).json()
    second = (await client.get("/jobs", params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert [first["items"][0]["id"], second["items"][0]["id"], second["next_cursor"]] == ["j2", "j1", None]
    assert first["items"][0]["customer_id"] == customer


async def test_one_job_shows_its_customer_its_group_and_the_flows_that_go_on(client: AsyncClient, customer: str) -> None:
    going_on = flow(id="f3", flow_group_id="g2", workflow_id="w", created_at=at(7))
    assert (await client.post("/truth", json={"records": [going_on]})).status_code == 200
    shown = (await client.get("/jobs/j2")).json()
    assert (shown["derived_signal"], shown["customer"]["id"], shown["flow_group"]["scope_type"]) == ("BLOCKED", customer, "sale")
    assert [(one["id"], one["status"], one["workflow_name"]) for one in shown["flows"]] == [("f3", "ACTIVE", "Repair")]


async def test_a_jobs_timeline_is_its_part_of_the_ledger(client: AsyncClient, customer: str) -> None:
    timeline = (await client.get("/jobs/j2/timeline")).json()
    ledger = (await client.get(f"/customers/{customer}/history", params={"job_id": "j2"})).json()
    assert timeline == ledger


BAD_QUERIES = [
    ("history", {"from": "2026-01-01"}, "from"),
    ("history", {"from": "now"}, "from"),
    ("history", {"to": "2026-01-01T00:00:00"}, "to"),
    ("history", {"from": at(2), "to": at(2)}, "to"),
    ("history", {"limit": "0"}, "limit"),
    ("history", {"limit": "201"}, "limit"),
    ("history", {"limit": "many"}, "limit"),
    ("history", {"cursor": "nonsense"}, "cursor"),
    ("history", {"basis": "-1"}, "basis"),
    ("history", {"basis": "20"}, "basis"),
    ("history", {"basis": str(10**30)}, "basis"),
    ("history", {"event_type": "NOTE"}, "event_type[0]"),
    ("history", {"evidence_type": "file"}, "evidence_type[0]"),
    ("history", {"workflow": "a\x00b"}, "workflow"),
    ("history/digest", {"basis": "20"}, "basis"),
    ("vault", {"group_by": "colour"}, "group_by"),
    ("vault", {"cursor": "nonsense"}, "cursor"),
    ("signals", {"as_of": "yesterday"}, "as_of"),
]


@pytest.mark.parametrize(("part", "params", "field"), BAD_QUERIES)
async def test_a_query_that_cannot_be_answered_is_refused_by_its_parameter(
    client: AsyncClient, customer: str, part: str, params: dict[str, str], field: str
) -> None:
    response = await client.get(f"/customers/{customer}/{part}", params=params)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]


async def test_a_cursor_of_another_list_is_refused(client: AsyncClient, customer: str) -> None:
    cursor = (await client.get(f"/customers/{customer}/history", params={"limit": 1})).json()["next_cursor"]
    for path in (f"/customers/{customer}/vault", "/jobs", "/customers"):
        response = await client.get(path, params={"cursor": cursor})
        assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "cursor")


PARTS = ["", "/history", "/history/digest", "/vault", "/signals", "/summary"]


@pytest.mark.parametrize("part", PARTS)
async def test_unknown_foreign_and_malformed_customers_give_the_same_404(
    client: AsyncClient, customer: str, app: Any, database: Database, part: str
) -> None:
    other = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    stranger = await other.client()
    answers = [
        await stranger.get(f"/customers/{customer}{part}"),
        await client.get(f"/customers/{uuid4()}{part}"),
        await client.get(f"/customers/not-an-id{part}"),
    ]
    await other.close()
    assert {answer.status_code for answer in answers} == {404}
    assert len({canonical_json(answer.json() | {"request_id": None}) for answer in answers}) == 1


@pytest.mark.parametrize("path", ["/jobs/{}", "/jobs/{}/timeline"])
async def test_unknown_and_foreign_jobs_give_the_same_404(client: AsyncClient, customer: str, app: Any, database: Database, path: str) -> None:
    other = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    stranger = await other.client()
    answers = [await stranger.get(path.format("j1")), await client.get(path.format("j9")), await client.get(path.format("%00"))]
    await other.close()
    assert {answer.status_code for answer in answers} == {404}
    assert len({canonical_json(answer.json() | {"request_id": None}) for answer in answers}) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("part", PARTS[1:])
async def test_the_projections_offer_nothing_but_reading(client: AsyncClient, customer: str, method: str, part: str) -> None:
    response = await client.request(method, f"/customers/{customer}{part}", json={"note": "called"})
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("part", PARTS)
async def test_head_answers_like_get_without_a_body(client: AsyncClient, customer: str, part: str) -> None:
    full = await client.get(f"/customers/{customer}{part}")
    head = await client.head(f"/customers/{customer}{part}")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(full.content))


async def test_reading_changes_no_table(client: AsyncClient, customer: str, database: Database, tenant_id: UUID) -> None:
    async def everything() -> dict[str, str]:
        async with database.reading(tenant_id) as connection:
            tables = await connection.fetch(
                "SELECT relname FROM pg_class WHERE relnamespace = 'factbook'::regnamespace AND relkind = 'r' ORDER BY relname"
            )
            return {
                table["relname"]: await connection.fetchval(
                    f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table['relname']} t"
                )
                for table in tables
            }

    before = await everything()
    for part in PARTS:
        assert (await client.get(f"/customers/{customer}{part}")).status_code == 200
    for path in ("/jobs", "/jobs/j1", "/jobs/j1/timeline", "/customers"):
        assert (await client.get(path)).status_code == 200
    assert await everything() == before
