import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.access import create_tenant
from factbook.database.migrate import newest_revision
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.jobs import GivesUp, NoInput, Registry, Run, job, run_job
from factbook.kernel.ids import new_id
from tests.console.counting import MOST, sent_for


@job("sweep_the_hall", input=NoInput)
async def sweep_the_hall(_: NoInput, run: Run) -> None:
    """Never succeeds."""
    raise GivesUp("there is no <broom>")


@contextmanager
def in_state(app: FastAPI, name: str, value: object) -> Iterator[None]:
    """The service with this in its state while the block runs."""
    before = getattr(app.state, name)
    setattr(app.state, name, value)
    try:
        yield
    finally:
        setattr(app.state, name, before)


async def queued(database: Database, tenant_id: UUID, count: int = 1) -> list[UUID]:
    """Jobs that wait."""
    async with database.transaction(tenant_id) as connection:
        return [await sweep_the_hall.enqueue(connection, tenant_id, NoInput()) for _ in range(count)]


async def failed(database: Database, tenant_id: UUID, count: int = 1) -> list[UUID]:
    """Jobs that failed for good."""
    ids = await queued(database, tenant_id, count)
    for job_id in ids:
        await run_job(Registry([sweep_the_hall]), {Database: database}, tenant_id, job_id)
    return ids


async def shown(viewer: AsyncClient, end: str = "") -> str:
    """The page."""
    answer = await viewer.get(f"/console/operations{end}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_jobs_of_the_tenant_are_counted_and_failed_ones_say_why_and_how_to_retry(
    viewer: AsyncClient, database: Database, tenant_id: UUID
) -> None:
    (job_id,) = await failed(database, tenant_id)
    await queued(database, tenant_id, 2)
    html = await shown(viewer)
    assert '<th scope="row"><code>sweep_the_hall</code></th><td>2</td><td>0</td><td>0</td><td>1</td>' in html
    assert "there is no &lt;broom&gt;" in html
    assert f"factbook jobs retry {job_id}" in html


async def test_jobs_of_other_tenants_are_not_shown(viewer: AsyncClient, database: Database) -> None:
    other = await create_tenant(database, f"tenant {new_id()}")
    (job_id,) = await failed(database, other)
    html = await shown(viewer)
    assert "sweep_the_hall" not in html
    assert str(job_id) not in html
    assert "No job was queued yet" in html


async def test_failed_jobs_come_in_pages_newest_first(viewer: AsyncClient, database: Database, tenant_id: UUID) -> None:
    ids = await failed(database, tenant_id, 21)
    first = await shown(viewer)
    assert re.findall(r"jobs retry ([0-9a-f-]{36})", first) == [str(job_id) for job_id in ids[:0:-1]]
    (cursor,) = re.findall(r'operations\?cursor=([^"]+)"', first)
    assert re.findall(r"jobs retry ([0-9a-f-]{36})", await shown(viewer, f"?cursor={cursor}")) == [str(ids[0])]


async def test_queue_schedules_versions_and_engine_are_told(viewer: AsyncClient, app: FastAPI) -> None:
    html = await shown(viewer)
    assert f"at migration {newest_revision()}, the newest" in html
    assert "seen in the last half minute" in html
    assert "<dt>Hatchet</dt><dd>off</dd>" in html
    with in_state(app, "has_engine", True):
        assert "jobs handed over and not begun" in await shown(viewer)


async def test_the_hit_rate_is_of_the_reads_of_this_process(viewer: AsyncClient, app: FastAPI) -> None:
    def api_keys(html: str) -> list[float]:
        (row,) = re.findall(r'<th scope="row">api key</th>(.*?)</tr>', html)
        return [float(value.rstrip(" %")) for value in re.findall(r"<td>(.*?)</td>", row)]

    before, after = api_keys(await shown(viewer)), api_keys(await shown(viewer))
    assert after[1] == before[1] + 1
    assert after[0] == pytest.approx(100 * (after[1] + after[2]) / sum(after[1:]), abs=0.06)
    assert "since it started" in await shown(viewer)
    with in_state(app, "cache", None):
        assert "There is no cache" in await shown(viewer)


@pytest.mark.parametrize("cursor", ["x", "0" * 2001])
async def test_a_cursor_of_nobody_is_told_on_a_page(viewer: AsyncClient, cursor: str) -> None:
    answer = await viewer.get(f"/console/operations?cursor={cursor}")
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")


async def test_the_page_costs_the_same_few_statements_whatever_waits(
    viewer: AsyncClient, database: Database, tenant_id: UUID, app: FastAPI, urls: DatabaseUrls
) -> None:
    with in_state(app, "has_engine", True):
        assert await sent_for(viewer, "/console/operations") <= MOST
    before = await sent_for(viewer, "/console/operations")
    await failed(database, tenant_id, 3)
    assert before == await sent_for(viewer, "/console/operations") <= MOST


async def test_a_stranger_is_led_to_the_sign_in(stranger: AsyncClient) -> None:
    answer = await stranger.get("/console/operations")
    assert answer.headers["location"] == "/console/sign-in?to=%2Fconsole%2Foperations"
