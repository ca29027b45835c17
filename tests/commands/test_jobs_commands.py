"""Jobs as an operator has them: a worker beside the service and workers alone, schedules that run, lists, and failed jobs tried again."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from psycopg.rows import TupleRow

from factbook.database.embedded import running_server_url
from factbook.database.opening import EMBEDDED_DATABASE
from factbook.database.server_process import free_port
from factbook.database.urls import with_database
from factbook.kernel import clock
from tests.commands.conftest import Tenant
from tests.commands.processes import PATIENCE_SECONDS, Installation, Service, until

EVERY_SECOND = {"FACTBOOK_CRON_EXPIRE_FIELDS": "* * * * * *"}


@contextmanager
def looking_at(installation: Installation) -> Iterator[psycopg.Connection[TupleRow]]:
    url = with_database(running_server_url(installation.data.path), EMBEDDED_DATABASE)
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("SET search_path = factbook")
        yield session


def queue_word(service: Service) -> Any:
    return service.get("/readyz").json()["parts"]["queue"]["state"]


def expired_by_the_clock(service: Service, customer: str, key: str, name: str) -> bool:
    """Write a field that is over in a moment, and wait until the schedule has marked it."""
    body = {"value": 1, "source": "tool_result", "expires_at": clock.format_instant(clock.now() + timedelta(milliseconds=200))}
    path = f"/v1/customers/{customer}/profile/fields/{name}"
    field = service.put(path, key, body).json()["field"]["id"]

    def is_told() -> bool:
        events = service.get("/v1/audit-events?event_name=profile.field_expired&limit=200", key).json()["items"]
        return any(event["context"].get("item_id") == field for event in events)

    until(is_told, "the field to be marked by the clock")
    return True


def test_the_service_has_a_worker_beside_it_that_is_replaced_when_it_is_lost(installation: Installation) -> None:
    service = installation.serve("--demo", **EVERY_SECOND).ready()
    until(lambda: queue_word(service) == "ok", "the worker")
    assert expired_by_the_clock(service, service.customer, service.key, "first_code")
    before = service.workers()
    assert len(before) == 2
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(set(service.workers()) - set(before)) == 2, "new processes")
    until(service.listens, "the service to answer")
    assert expired_by_the_clock(service, service.customer, service.key, "second_code")
    assert "factbook_job_runs_total" in service.get("/metrics").text
    service.press_ctrl_c()
    assert service.exit_code() == 0
    service.every_process_ended()
    assert not installation.data.server_lives()


def test_a_worker_alone_does_what_a_service_without_one_queues_and_stops_in_order(installation: Installation) -> None:
    service = installation.serve("--demo", FACTBOOK_SERVE_WORKER=False).ready()
    assert queue_word(service) == "no worker"
    worker = installation.begin("worker", **EVERY_SECOND)
    until(lambda: queue_word(service) == "ok", "the worker")
    assert expired_by_the_clock(service, service.customer, service.key, "code")
    worker.process.terminate()
    finished = worker.finished()
    assert finished.exit_code == 0, finished.remarks
    assert [line for line in finished.remarks.splitlines() if not line.startswith("{")] == [
        "The worker is ready (Ctrl-C stops it)",
        "Stopped.",
    ]
    assert queue_word(service) == "no worker"


def test_jobs_are_listed_and_failed_ones_tried_again(shared: Installation, service: Service, acme: Tenant) -> None:
    assert service.process.poll() is None
    with looking_at(shared) as session:
        session.execute(
            """
            INSERT INTO queued_jobs (tenant_id, id, name, input, state, attempts, reason, created_at, due_at, begun_at, finished_at)
            SELECT %s, gen_random_uuid(), 'restore_audit_events', '{}', 'failed', 6, 'builtins.ValueError', now(), now(), now(), now()
            FROM generate_series(1, 2)
            """,
            (acme.tenant_id,),
        )
        ids = [str(row[0]) for row in session.execute("SELECT id FROM queued_jobs WHERE state = 'failed' ORDER BY id")]
        listed = shared.ok("jobs", "list", "--tenant", acme.name, "--state", "failed").output.decode()
        assert all(job_id in listed for job_id in ids)
        assert "builtins.ValueError" in listed
        assert shared.ok("jobs", "retry", ids[0]).last_line == "1 jobs"
        assert shared.ok("jobs", "retry", "--all", "--tenant", acme.name).last_line == "1 jobs"
        assert "no failed job has this id" in shared.run("jobs", "retry", ids[0]).clear_line()

        def all_done() -> bool:
            states = session.execute("SELECT state FROM queued_jobs WHERE id::text = ANY(%s)", (ids,))
            return {state for (state,) in states} == {"done"}

        until(all_done, "the jobs to be done by the service's worker")


def test_retrying_needs_either_one_job_or_all(shared: Installation) -> None:
    assert shared.run("jobs", "retry").exit_code == 2


def test_a_worker_that_stands_alone_tells_of_itself_at_its_own_port_and_of_nothing_else(installation: Installation) -> None:
    port = free_port()
    worker = installation.begin("worker", FACTBOOK_WORKER_METRICS_PORT=port, **EVERY_SECOND)
    address = f"http://127.0.0.1:{port}"
    with httpx2.Client(trust_env=False, timeout=PATIENCE_SECONDS) as client:

        def counted() -> bool:
            with suppress(httpx2.ConnectError):
                return 'factbook_job_runs_total{job="expire_stale_fields",outcome="done"}' in client.get(f"{address}/metrics").text
            return False

        until(counted, "a run to be counted")
        alive = client.get(f"{address}/healthz")
        assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
        told = client.get(f"{address}/metrics")
        assert told.headers["content-type"].startswith("text/plain")
        assert [client.get(f"{address}{path}").status_code for path in ("/", "/v1/customers", "/readyz", "/metrics/x")] == [404] * 4
        assert client.post(f"{address}/metrics").status_code == 501
        taken = installation.run("worker", FACTBOOK_WORKER_METRICS_PORT=port)
        assert taken.exit_code == 1
        assert taken.remarks.splitlines()[-1].startswith(f"factbook: cannot listen on 127.0.0.1:{port}: ")
        worker.process.terminate()
        assert worker.ok().lines == []
        with pytest.raises(httpx2.ConnectError):
            client.get(f"{address}/healthz")


def test_a_worker_listens_nowhere_unless_it_is_told_to(installation: Installation) -> None:
    worker = installation.begin("worker")
    until(lambda: "The worker is ready" in worker.remarks.read_text(encoding="utf-8"), "the worker to be ready")
    sockets = {str(link.readlink()) for link in Path(f"/proc/{worker.process.pid}/fd").iterdir()}
    listening = {line.split()[9] for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:] if " 0A " in line}
    assert not {f"socket:[{inode}]" for inode in listening} & sockets
    worker.process.terminate()
    worker.ok()
