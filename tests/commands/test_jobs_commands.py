"""Jobs as an operator has them: a worker beside the service and workers alone, schedules that run, lists, and failed jobs tried again."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.rows import TupleRow

from factbook.database.embedded import running_server_url
from factbook.database.opening import EMBEDDED_DATABASE
from factbook.database.urls import with_database
from factbook.kernel import clock
from tests.commands.conftest import Tenant
from tests.commands.processes import Installation, Service, until

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
