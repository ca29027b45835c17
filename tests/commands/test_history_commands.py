"""History by command, beside a running service: imported, interrupted and imported again, exported, verified, damaged and repaired."""

import hashlib
import json
import signal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from factbook.cli.commands import application
from factbook.database.embedded import running_server_url
from factbook.database.opening import EMBEDDED_DATABASE
from factbook.database.urls import with_database
from tests.commands.conftest import Tenant
from tests.commands.event_log import EVENTS_OF_A_TRACE, RECORDS_OF_A_TRACE, write_log
from tests.commands.processes import Finished, Installation, Service, until

LONG_LOG = 800  # traces; more than one batch of the importer


def import_log(tenant: str, log: Path) -> tuple[str | Path, ...]:
    return ("import", "xes", log, "--tenant", tenant, "--customer-key", "customer")


def customer_named(service: Service, key: str, identifier: str) -> str:
    (found,) = service.get(f"/v1/customers?channel=api&identifier={identifier}", key).raise_for_status().json()["items"]
    return str(found["id"])


def truth_of(customer_id: str) -> list[dict[str, Any]]:
    """The records of one small job."""
    at = {"created_at": "2026-01-01T00:00:00Z"}
    version = {"workflow_id": "w", "version": 1, "snapshot": {"name": "W"}, "published_at": None, "published_by": None}
    return [
        {"type": "workflow_version", "id": "w-1", **version},
        {"type": "flow_group", "id": "g-1", "scope_type": "job", "scope_id": "j-1", **at},
        {"type": "job", "id": "j-1", "customer_id": customer_id, "flow_group_id": "g-1", "address": None, **at},
        {"type": "flow", "id": "f-1", "workflow_id": "w", "workflow_version_id": "w-1", "flow_group_id": "g-1", **at},
        {"type": "node_activation", "id": "n-1", "flow_id": "f-1", "node_id": "n", "iteration": 1, "activated_at": "2026-01-01T00:00:00Z"},
    ]


def test_an_imported_log_shows_in_the_history_and_a_repeat_moves_no_basis(
    shared: Installation, service: Service, acme: Tenant, tmp_path: Path
) -> None:
    log = write_log(tmp_path / "small.xes", traces=3)
    assert shared.ok(*import_log("acme", log)).last_line.startswith(f"read 3, recorded {3 * RECORDS_OF_A_TRACE + 1} records, unchanged 0, basis ")
    customer = customer_named(service, acme.key, "customer 1")
    history = service.get(f"/v1/customers/{customer}/history?limit=200", acme.key).json()
    assert len(history["items"]) == 3 * EVENTS_OF_A_TRACE
    assert {entry["job_id"] for entry in history["items"]} == {"case 1"}
    assert {entry["actor"] for entry in history["items"] if entry["type"] == "TASK_STARTED"} == {"Ada"}

    repeated = f"read 3, recorded 0 records, unchanged {3 * RECORDS_OF_A_TRACE + 1}, basis {history['basis']}"
    assert shared.ok(*import_log("acme", log)).lines == [repeated]


def test_truth_in_lines_is_imported_and_a_faulty_line_is_named(shared: Installation, service: Service, acme: Tenant, tmp_path: Path) -> None:
    customer = service.post("/v1/customers", acme.key, {"channel": "api", "identifier": "of lines"}).json()["id"]
    lines = tmp_path / "truth.ndjson"
    lines.write_text("".join(json.dumps(record) + "\n" for record in truth_of(customer)))
    assert shared.ok("import", "ndjson", lines, "--tenant", "acme").last_line.startswith("read 5, recorded 5 records, unchanged 0, basis ")
    assert service.digest(customer, acme.key)["entries"] == 1

    lines.write_text('{"type": "flow_group"}\n')
    failed = shared.run("import", "ndjson", lines, "--tenant", "acme")
    assert failed.exit_code == 1
    assert "line 1." in failed.remarks
    assert "Traceback" not in failed.remarks


def test_the_digest_of_an_export_is_the_digest_of_the_history(shared: Installation, service: Service) -> None:
    digest = service.digest(service.customer, service.key)
    exported = shared.ok("export", "history", service.customer, "--tenant", "demo")
    assert hashlib.sha256(exported.output).hexdigest() == digest["sha256"]
    assert len(exported.lines) == digest["entries"]
    assert f"basis {digest['basis']}, sha256 {digest['sha256']}" in exported.remarks


def test_nobodys_history_and_one_of_the_future_cannot_be_exported(shared: Installation, service: Service, acme: Tenant) -> None:
    nobodys = shared.begin("export", "history", service.customer, "--tenant", acme.name)
    future = shared.begin(
        "export", "history", service.customer, "--tenant", "demo", "--basis", service.digest(service.customer, service.key)["basis"] + 1
    )
    assert "No such customer" in nobodys.finished().clear_line()
    assert "lies in the future" in future.finished().clear_line()


def test_a_damaged_ledger_is_found_and_rebuilt(shared: Installation, service: Service) -> None:
    whole = service.digest(service.customer, service.key)
    tenant, url = shared.begin("tenants", "create", "demo"), shared.begin("database", "url", "--role", "owner")
    with psycopg.connect(url.ok().last_line) as owner:
        owner.execute("SELECT set_config('factbook.tenant', %s, true)", (tenant.ok().last_line,))
        damage = "UPDATE ledger_entries SET outcome = 'never happened' WHERE customer_id = %s AND record_id = %s AND outcome IS NOT NULL"
        assert owner.execute(damage, (service.customer, "demo-1-Repair")).rowcount == 1
    assert service.digest(service.customer, service.key) != whole

    verify = ("verify", "history", "--tenant", "demo")
    found = shared.run(*verify)
    assert found.exit_code == 1
    assert "NOT intact: 1 ledgers differed" in found.last_line
    assert "Traceback" not in found.remarks
    assert service.digest(service.customer, service.key) == whole
    assert shared.ok(*verify).last_line.endswith("intact")


def test_an_interrupted_import_run_again_is_as_if_it_had_not_been_interrupted(shared: Installation, service: Service, tmp_path: Path) -> None:
    log = write_log(tmp_path / "long.xes", LONG_LOG)
    stopped = interrupted_after_a_batch(shared, import_log("interrupted", log))
    assert stopped.exit_code == 1
    assert stopped.output == b""
    assert stopped.remarks.splitlines()[-1] == "factbook: interrupted; what was finished is kept, run it again to go on"
    assert "Traceback" not in stopped.remarks

    in_one_go = shared.begin(*import_log("whole", log))
    again = shared.ok(*import_log("interrupted", log)).last_line
    basis = LONG_LOG * RECORDS_OF_A_TRACE + 1
    assert again.endswith(f", basis {basis}")
    assert ", unchanged 0," not in again
    assert ", recorded 0 " not in again
    assert in_one_go.ok().last_line == f"read {LONG_LOG}, recorded {basis} records, unchanged 0, basis {basis}"

    new_key = ("keys", "create", "--kind", "service", "--name", "reader", "--tenant")
    keys = [command.ok().last_line for command in (shared.begin(*new_key, "interrupted"), shared.begin(*new_key, "whole"))]
    for number in range(3):
        first, second = (service.digest(customer_named(service, key, f"customer {number}"), key) for key in keys)
        assert first == second


def interrupted_after_a_batch(installation: Installation, command: tuple[str | Path, ...]) -> Finished:
    """Begin an import for a tenant named `interrupted` and press Ctrl-C once something of it is recorded."""
    recorded = "SELECT FROM factbook.truth_heads JOIN factbook.tenants USING (tenant_id) WHERE name = 'interrupted' AND last_seq > 0"
    with psycopg.connect(with_database(running_server_url(installation.data.path), EMBEDDED_DATABASE), autocommit=True) as database:
        begun = installation.begin(*command)
        until(lambda: database.execute(recorded).fetchone() is not None, "the first batch")
    begun.process.send_signal(signal.SIGINT)
    return begun.finished()


@pytest.mark.parametrize("kind", ["xes", "ndjson"])
def test_a_file_that_is_not_there_cannot_be_imported(tmp_path: Path, kind: str) -> None:
    options = ["--tenant", "acme", *(["--customer-key", "customer"] if kind == "xes" else [])]
    refused = CliRunner().invoke(application(), ["import", kind, str(tmp_path / "nowhere"), *options])
    assert refused.exit_code == 2
    assert "Invalid value" in refused.output
