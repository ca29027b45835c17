"""The history of a customer as a page: the latest first, in days, filtered, paged, and the lanes of the jobs above it."""

import re
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.access import create_tenant
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from tests.calling import Caller
from tests.console.counting import counted_statements
from tests.history.wire_records import Json, evidence, flow, flow_group, flow_status, job, new_customer, node_activation, story, task_start

HOSTILE = "<script>alert(1)</script>\u202e</pre><img src=x onerror=alert(2)>{{ 7 * 7 }}"


def day_of(month: int, day: int, hour: int = 12) -> str:
    return f"2026-{month:02d}-{day:02d}T{hour:02d}:00:00.000Z"


async def recorded(client: AsyncClient, records: list[Json]) -> None:
    answer = await client.post("/truth", json={"records": records})
    assert answer.status_code == 200, answer.text


def second_job(customer: str) -> list[Json]:
    """A job of another type that ends BLOCKED, begun in February."""
    return [
        flow_group(id="g2", scope_type="sale", created_at=day_of(2, 1)),
        job(customer, id="j2", flow_group_id="g2", address="3 Mill Lane", created_at=day_of(2, 1)),
        flow(id="f2", flow_group_id="g2", created_at=day_of(2, 1)),
        node_activation(id="a2", flow_id="f2", activated_at=day_of(2, 1)),
        task_start(id="s2", flow_id="f2", node_activation_id="a2", started_at=day_of(3, 1, 0)),
        evidence(id="e/2 ?", flow_id="f2", task_execution_id="s2", evidence_type="STRUCTURED", data={"n": 1}, attached_at=day_of(3, 1, 23)),
        flow_status(id="fs2", flow_id="f2", status="BLOCKED", changed_at=day_of(3, 2)),
    ]


@pytest.fixture
async def customer(client: AsyncClient) -> str:
    """A customer of two jobs, seven entries from January to March."""
    made = await new_customer(client)
    await recorded(client, story(made) + second_job(made))
    return made


def moments(text: str) -> list[str]:
    """The times of the entries of a page, as they stand."""
    return re.findall(r'</svg><time datetime="([^"]+)"', text)


async def shown(viewer: AsyncClient, customer: str, **params: str) -> str:
    answer = await viewer.get(f"/console/customers/{customer}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_the_latest_entries_come_first_under_their_days(viewer: AsyncClient, customer: str) -> None:
    text = await shown(viewer, customer)
    found = moments(text)
    assert len(found) == 7
    assert found == sorted(found, reverse=True)
    days = re.findall(r'<h3><time datetime="([^"]+)">([^<]+)', text)
    assert days == [("2026-03-01", "Sunday 1 March 2026"), ("2026-02-01", "Sunday 1 February 2026"), ("2026-01-01", "Thursday 1 January 2026")]
    assert all(words in text for words in ("Node reached", "Task started", "Evidence attached", "Outcome", "Inspect", "Reception", "Maya", "DONE"))
    assert f'href="/console/customers/{customer}/evidence/e/2%20%3F"' in text
    assert '<a href="?job_id=j2#history"><bdi>3 Mill Lane</bdi></a> · <bdi>Repair</bdi>' in text


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"job_type": "sale"}, 3),
        ({"job_type": "", "workflow": "", "from": "", "to": "", "event_type": "", "job_id": "", "cursor": ""}, 7),
        ({"workflow": "Repair"}, 7),
        ({"workflow": "no such"}, 0),
        ({"job_id": "j1"}, 4),
        ({"event_type": "TASK_STARTED"}, 2),
        ({"from": "2026-03-01"}, 2),
        ({"to": "2026-03-01"}, 7),
        ({"to": "2026-02-28"}, 5),
        ({"from": "2026-03-01", "to": "2026-03-01"}, 2),
        ({"from": "2026-03-01T00:30:00Z"}, 1),
        ({"to": "2026-03-01T00:00:00Z"}, 5),
    ],
)
async def test_a_filter_selects_as_in_the_api_and_a_day_is_all_of_it(viewer: AsyncClient, customer: str, params: dict[str, str], count: int) -> None:
    text = await shown(viewer, customer, **params)
    assert len(moments(text)) == count
    assert (">Clear</a>" in text) == any(params.values())
    for name, value in params.items():
        assert not value or f'value="{value}"' in text, name
    assert count or "Nothing in the history is so." in text


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-02-30"}, "from"),
        ({"to": "9999-12-31"}, "to"),
        ({"from": "2026-01-01T00:00:00"}, "from"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "to"),
        ({"event_type": "NOTE"}, "event_type"),
        ({"job_type": "a\x00b"}, "job_type"),
        ({"job_type": "x" * 501}, "job_type"),
        ({"cursor": "nonsense"}, "cursor"),
    ],
    ids=lambda value: str(value)[:40].replace("\x00", "NUL"),
)
async def test_what_cannot_be_asked_is_refused_on_a_page_that_names_it(
    viewer: AsyncClient, customer: str, params: dict[str, str], field: str
) -> None:
    answer = await viewer.get(f"/console/customers/{customer}", params=params)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")
    assert f"<code>{field}</code>" in answer.text


async def test_older_entries_follow_the_filter_and_the_first_pages_basis(viewer: AsyncClient, client: AsyncClient, customer: str) -> None:
    await recorded(
        client, [node_activation(id=f"more-{n:03d}", flow_id="f2", iteration=n + 2, activated_at=day_of(4, 1 + n % 20)) for n in range(120)]
    )
    seen: list[str] = []
    address = f"/console/customers/{customer}?job_type=sale"
    for number in range(3):
        text = (await viewer.get(address)).text
        seen += moments(text)
        assert 'name="job_type" value="sale"' in text
        (older,) = re.findall(r'href="(\?[^"]+#history)" rel="next"', text) or [""]
        assert ("job_type=sale" in older) == (number < 2)
        address = f"/console/customers/{customer}{older.replace('&amp;', '&')}"
        await recorded(client, [node_activation(id=f"late-{number}", flow_id="f2", iteration=200 + number, activated_at=day_of(2, 20))])
    assert len(seen) == 123
    assert seen == sorted(seen, reverse=True)
    assert not any(moment.startswith("2026-02-20") for moment in seen)


async def test_a_customer_without_a_history_is_told_what_would_make_one(viewer: AsyncClient, client: AsyncClient) -> None:
    text = await shown(viewer, await new_customer(client))
    assert "Nothing has happened yet." in text
    assert "No engagement has had an outcome yet." in text
    assert "No evidence yet." in text
    assert 'class="lanes"' not in text


async def test_lanes_show_each_job_from_its_first_entry_to_its_last(viewer: AsyncClient, customer: str) -> None:
    text = await shown(viewer, customer)
    assert "2 jobs from 2026-01-01 to 2026-03-01" in text
    bars = re.findall(r'<a href="\?job_id=(j\d)#history" tabindex="-1"><title>[^<]+</title><line class="(\w+)" x1="([\d.]+)%" x2="([\d.]+)%"', text)
    assert [(bar[0], bar[1]) for bar in bars] == [("j1", "COMPLETED"), ("j2", "BLOCKED")]
    assert float(bars[0][2]) == float(bars[0][3]) < float(bars[1][2]) < float(bars[1][3])
    assert "Feb 2026" in text
    assert re.search(r"<bdi>3 Mill Lane</bdi></a></td><td>blocked</td><td>2026-02-01</td><td>2026-03-01</td>", text)


async def test_the_digest_is_the_apis_as_a_page_and_as_a_part_of_one(viewer: AsyncClient, client: AsyncClient, customer: str) -> None:
    told = (await client.get(f"/customers/{customer}/history/digest")).json()
    page = await shown(viewer, customer)
    (address,) = re.findall(r'hx-get="([^"]+/digest[^"]*)"', page)
    whole, part = await viewer.get(address), await viewer.get(address, headers={"HX-Request": "true"})
    for answer in (whole, part):
        assert told["sha256"] in answer.text
        assert f"{told['entries']} entries at record {told['basis']}" in answer.text
        assert '<button type="button" class="copy" hidden data-copies="sha256">' in answer.text
    assert "<html" in whole.text
    assert "<html" not in part.text
    viewer.cookies.clear()
    assert (await viewer.get(address, headers={"HX-Request": "true"})).headers["hx-refresh"] == "true"


@pytest.mark.parametrize("bad", ["-1", "x", "999"])
async def test_a_digest_at_no_basis_that_there_is_is_refused(viewer: AsyncClient, customer: str, bad: str) -> None:
    answer = await viewer.get(f"/console/customers/{customer}/digest?basis={bad}")
    assert answer.status_code == 422
    assert "<code>basis</code>" in answer.text


async def test_hostile_names_are_text(viewer: AsyncClient, client: AsyncClient) -> None:
    customer = await new_customer(client)
    records = story(customer)
    snapshot = {"workflowId": "w", "version": 1, "name": HOSTILE, "nodes": [{"id": "n1", "name": HOSTILE, "tasks": [{"id": "t1", "name": HOSTILE}]}]}
    records[0]["snapshot"] = snapshot
    records[2] |= {"id": '"><svg onload=alert(3)>', "address": HOSTILE + "w" * 9_900}
    records[6] |= {"outcome": HOSTILE, "outcome_by": HOSTILE}
    records[7] |= {"attached_by": HOSTILE, "data": {"content": HOSTILE}}
    await recorded(client, records)
    for params in ({}, {"job_id": '"><svg onload=alert(3)>'}, {"workflow": HOSTILE}):
        text = await shown(viewer, customer, **params)
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "<svg onload" not in text
        assert "&lt;script&gt;alert(1)" in text
        assert "{{ 7 * 7 }}" in text
        assert "w" * 200 not in text


@pytest.mark.parametrize("part", ["", "/digest", "/vault", "/files", "/evidence/e1"])
async def test_a_customer_of_others_is_not_there(viewer: AsyncClient, app: FastAPI, database: Database, part: str) -> None:
    other = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    client = await other.client()
    customer = await new_customer(client)
    await recorded(client, story(customer))
    for theirs in (customer, str(UUID(int=7)), "not-an-id"):
        answer = await viewer.get(f"/console/customers/{theirs}{part}")
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
    await other.close()


async def test_a_page_costs_the_same_statements_however_much_there_is_to_show(viewer: AsyncClient, client: AsyncClient, customer: str) -> None:
    await shown(viewer, customer)
    costs = []
    for each in (await new_customer(client, "somebody new"), customer):
        with counted_statements() as statements:
            await shown(viewer, each)
        costs.append(len(statements))
    assert costs[1] == costs[0] <= 8
