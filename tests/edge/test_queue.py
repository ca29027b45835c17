"""What an operator sees of the queue in readiness and metrics."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from prometheus_client.parser import text_string_to_metric_families

from factbook.app import create_app
from factbook.database.opening import OpenedDatabase
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.edge.queue import render_queue, word_for
from factbook.jobs import MOST_COUNTED, JobState, NoInput, QueueState, Run, job
from factbook.jobs.queries import Schedule
from factbook.settings import Settings
from tests.conftest import ROLE_SECRET, fresh_database
from tests.edge.applications import client_of


@job("wait", input=NoInput)
async def waits(_: NoInput, run: Run) -> None:
    """Is never run."""


@pytest.fixture
async def own(server_url: str, template: str, worker_id: str) -> AsyncIterator[tuple[FastAPI, DatabaseUrls, Database]]:
    """The service on a database of the test's own, since the queue is one for all tenants."""
    urls = fresh_database(server_url, template, f"queue_seen_{worker_id}")
    app = create_app(Settings(), OpenedDatabase(urls, ROLE_SECRET))
    app.state.database, app.state.cache = await Database.open(urls, pool_size=4), None
    yield app, urls, app.state.database
    await app.state.database.close()


AGED = """
    UPDATE factbook.queued_jobs SET due_at = now() - interval '5 minutes' WHERE id = (SELECT min(id::text)::uuid FROM factbook.queued_jobs)
"""


async def word(client: AsyncClient) -> str:
    answer = await client.get("/readyz")
    assert answer.status_code == 200
    state: str = answer.json()["parts"]["queue"]["state"]
    return state


async def gauges(client: AsyncClient) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families((await client.get("/metrics")).text)
    samples = [sample for family in families for sample in family.samples if sample.name.startswith(("factbook_queue_", "factbook_schedule_"))]
    return {(sample.name.removeprefix("factbook_"), *sample.labels.values()): sample.value for sample in samples}


async def test_readiness_and_metrics_tell_of_workers_lag_and_failures(own: tuple[FastAPI, DatabaseUrls, Database]) -> None:
    app, urls, database = own
    tenant_id = UUID(int=7)
    with psycopg.connect(urls.admin, autocommit=True) as admin:
        admin.execute("INSERT INTO factbook.tenants VALUES (%s, 'seen', now())", (tenant_id,))
        async with client_of(app) as client, database.transaction(tenant_id) as connection:
            assert await word(client) == "no worker"
            for _ in range(2):
                await waits.enqueue(connection, tenant_id, NoInput())
        admin.execute("INSERT INTO factbook_queue.workers VALUES (gen_random_uuid(), now(), now())")
        async with client_of(app) as client:
            assert await word(client) == "ok"
            admin.execute(AGED)
            assert await word(client) in {f"lag {seconds} s" for seconds in range(300, 330)}
            admin.execute(
                "UPDATE factbook.queued_jobs SET state = 'failed', reason = 'x', finished_at = now() WHERE due_at < now() - interval '1 minute'"
            )
            assert await word(client) == "ok"
            shown = await gauges(client)
    assert shown["queue_jobs", "wait", "waiting"] == 1
    assert shown["queue_jobs", "wait", "failed"] == shown["queue_failed_jobs",] == 1
    assert shown["queue_workers",] == shown["queue_jobs_counted_in_full",] == 1
    assert 0 <= shown["queue_oldest_waiting_seconds",] < 60
    assert str(tenant_id) not in str(shown)


BACKLOG = """
    INSERT INTO factbook.queued_jobs (tenant_id, id, name, input, state, attempts, reason, created_at, due_at, finished_at)
    SELECT (SELECT tenant_id FROM factbook.tenants OFFSET mod(number, 10) LIMIT 1), gen_random_uuid(), 'chore_' || mod(number, 7), '{}', state, 0,
        CASE state WHEN 'failed' THEN 'x' END, now(), now() - number * interval '1 second' - interval '1 hour',
        CASE state WHEN 'failed' THEN now() END
    FROM (VALUES (%s, %s)) AS made (state, most) CROSS JOIN LATERAL generate_series(1, most::integer) AS number
"""


def pages_read(admin: psycopg.Connection[Any], asked: str) -> int:
    """Pages that the database looks at to answer."""
    told = admin.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT factbook.{asked}").fetchone()
    assert told is not None
    top = told[0][0]["Plan"]
    return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])


@pytest.mark.parametrize("analyzed", [False, True], ids=["without statistics", "with statistics"])
async def test_a_look_at_the_queue_costs_the_same_whatever_waits(own: tuple[FastAPI, DatabaseUrls, Database], analyzed: bool) -> None:
    app, urls, _ = own
    with psycopg.connect(urls.admin, autocommit=True) as admin:
        for number in range(10):
            admin.execute("INSERT INTO factbook.tenants VALUES (gen_random_uuid(), %s, now())", (f"tenant {number}",))
        costs = []
        for state, jobs in (("waiting", 500), ("waiting", 50_000), ("failed", 30), ("running", 20)):
            admin.execute(BACKLOG, (state, jobs))
            if analyzed:
                admin.execute("ANALYZE factbook.queued_jobs")
            for _ in range(2):  # once to plan it, for which the catalog is read
                cost = [pages_read(admin, asked) for asked in ("queue_state(0)", "engine_state(0)", "queue_state(1000)", "engine_state(1000)")]
            costs.append(cost)
        admin.execute("INSERT INTO factbook_queue.workers VALUES (gen_random_uuid(), now(), now())")
        async with client_of(app) as client:
            assert (await word(client)).startswith("lag ")
            shown = await gauges(client)
    readiness = [cost[:2] for cost in costs]
    # Ten tenants and a few pages of an index for each. All of 50,000 jobs are on 800 pages at least.
    assert max(map(max, readiness)) < 200
    assert max(max(cost[2:]) for cost in costs) < 600
    assert sum(count for (name, *labels), count in shown.items() if name == "queue_jobs" and labels[1] == "waiting") == MOST_COUNTED
    assert (shown["queue_jobs_counted_in_full",], shown["queue_failed_jobs",]) == (0, 30)
    assert shown["queue_oldest_waiting_seconds",] >= 50_000 + 3600


async def test_a_worker_that_was_not_seen_for_half_a_minute_does_not_count(own: tuple[FastAPI, DatabaseUrls, Database]) -> None:
    app, urls, _ = own
    with psycopg.connect(urls.admin, autocommit=True) as admin:
        admin.execute("INSERT INTO factbook_queue.workers VALUES (gen_random_uuid(), now(), now() - interval '31 seconds')")
    async with client_of(app) as client:
        assert await word(client) == "no worker"


def test_nothing_is_said_of_a_queue_that_cannot_be_seen() -> None:
    assert word_for(None) == "unknown"
    assert render_queue(None) == b""


def test_the_last_tick_of_each_schedule_is_shown_once_there_was_one() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    state = QueueState({("tidy", JobState.RUNNING): 3}, 0.0, 1, [Schedule("tidy", "* * * * *", at), Schedule("sweep", "* * * * *", None)])
    text = render_queue(state).decode()
    (line,) = [line for line in text.splitlines() if line.startswith("factbook_schedule_last_tick_timestamp_seconds{")]
    name, value = line.split()
    assert (name, float(value)) == ('factbook_schedule_last_tick_timestamp_seconds{job="tidy"}', at.timestamp())
    assert 'factbook_queue_jobs{job="tidy",state="running"} 3.0' in text
