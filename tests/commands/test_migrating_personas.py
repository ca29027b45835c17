"""The old table of personas by command, beside a running service: brought in, interrupted, repeated, taken back, and refused in one line."""

import json
import signal
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from factbook.database.embedded import running_server_url
from factbook.database.opening import EMBEDDED_DATABASE
from factbook.database.urls import with_database
from tests.commands.conftest import Tenant
from tests.commands.processes import Finished, Installation, Service, until
from tests.persona.migrating.old_rows import FAULTS, GOOD_OF_A_HUNDRED, json_lines_of, old_row

ROWS = 3000


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("old") / "personas.jsonl"
    with path.open("w") as file:
        file.writelines(json_lines_of(ROWS))
    return path


def migrate(source: Path | str, tenant: str, *options: str) -> tuple[str | Path, ...]:
    return ("migrate-personas", source, "--tenant", tenant, *options)


def test_an_old_table_of_thousands_of_rows_is_brought_in_and_every_row_accounted_for(
    shared: Installation, service: Service, acme: Tenant, source: Path
) -> None:
    hundreds = ROWS // 100
    taken, refused = GOOD_OF_A_HUNDRED * hundreds, (len(FAULTS) + 1) * hundreds
    tried = shared.ok(*migrate(source, acme.name, "--dry-run"))
    assert tried.last_line == f"read {ROWS}, would be taken {taken}, unchanged {hundreds}, not taken {refused}"
    done = shared.ok(*migrate(source, acme.name))
    assert done.last_line == f"read {ROWS}, taken {taken}, unchanged {hundreds}, not taken {refused}"
    named = [line for line in done.lines if line.startswith("not taken: ")]
    assert named == [line for line in tried.lines if line.startswith("not taken: ")]
    assert Counter(line.rpartition(": ")[2] for line in named) == {
        **{str(reason): hundreds for _, reason in FAULTS.values()},
        "another row with this id was taken first": hundreds,
    }
    assert named[0] == f"not taken: line 12, id {old_row(11)['id']}: persona is not valid JSON"
    assert f"after: persons {taken}, submissions {taken}, personas {taken}" in done.lines
    (digests,) = [line for line in done.lines if line.startswith("sha256")]
    read, stored = digests.removeprefix("sha256 of the rows as read ").split(", as stored ")
    assert read == stored

    for number in (0, 1, 97, ROWS - 1):
        row = old_row(number)
        found = service.get(f"/v1/persona/{row['id']}", acme.key).raise_for_status().json()
        assert (found["raw_text"], found["persona"]) == (row["raw_text"], row["persona"])
    again = shared.ok(*migrate(source, acme.name))
    assert again.last_line == f"read {ROWS}, taken 0, unchanged {taken + hundreds}, not taken {refused}"
    assert digests in again.lines
    verified = shared.ok("verify", "personas")
    assert verified.last_line.endswith(", intact")

    back = shared.ok(*migrate(source, acme.name, "--undo"))
    assert back.last_line == f"read {ROWS}, taken back {taken}, unchanged {hundreds}, not taken {refused}"
    assert service.get("/v1/persona/stats", acme.key).json()["total_personas"] == 0


def test_an_interrupted_run_is_gone_on_with(shared: Installation, service: Service, source: Path) -> None:
    assert service.process.poll() is None
    shared.ok("tenants", "create", "halfway")
    stopped = interrupted_after_a_batch(shared, migrate(source, "halfway"))
    assert stopped.exit_code == 1
    assert stopped.remarks.splitlines()[-1] == "factbook: interrupted; what was finished is kept, run it again to go on"
    assert "Traceback" not in stopped.remarks
    again = shared.ok(*migrate(source, "halfway"))
    taken = GOOD_OF_A_HUNDRED * ROWS // 100
    assert f"after: persons {taken}, submissions {taken}, personas {taken}" in again.lines
    assert f", taken {taken}," not in again.last_line


def interrupted_after_a_batch(installation: Installation, command: tuple[str | Path, ...]) -> Finished:
    """Begin to bring rows in for a tenant named `halfway` and press Ctrl-C once some of them are there."""
    taken = "SELECT FROM factbook.migrated_personas JOIN factbook.tenants USING (tenant_id) WHERE name = 'halfway'"
    with psycopg.connect(with_database(running_server_url(installation.data.path), EMBEDDED_DATABASE), autocommit=True) as database:
        begun = installation.begin(*command)
        until(lambda: database.execute(taken).fetchone() is not None, "the first batch")
    begun.process.send_signal(signal.SIGINT)
    return begun.finished()


def test_a_table_of_another_database_is_brought_in(shared: Installation, service: Service) -> None:
    server = running_server_url(shared.data.path)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("CREATE DATABASE old_service")
    dsn = with_database(server, "old_service")
    with psycopg.connect(dsn, autocommit=True) as old:
        old.execute("CREATE TABLE personas (id uuid PRIMARY KEY, raw_text text, persona jsonb, created_at timestamptz, updated_at timestamptz)")
        for number in range(3):
            row = old_row(number)
            values = (row["id"], row["raw_text"], json.dumps(row["persona"]), row["created_at"], row["updated_at"])
            old.execute("INSERT INTO personas VALUES (%s, %s, %s, %s, %s)", values)
        old.execute("UPDATE personas SET persona = NULL WHERE id = %s", (old_row(2)["id"],))
    assert service.process.poll() is None
    shared.ok("tenants", "create", "from-a-table")
    done = shared.ok(*migrate(dsn, "from-a-table"))
    assert f"not taken: row 3, id {old_row(2)['id']}: no persona" in done.lines
    assert done.last_line == "read 3, taken 2, unchanged 0, not taken 1"


def test_what_stands_in_the_way_is_told_in_one_clear_line(shared: Installation, service: Service, acme: Tenant, tmp_path: Path) -> None:
    assert service.process.poll() is None
    (tmp_path / "old.csv").write_text("")
    for source, tenant, sentence in (
        (tmp_path / "nowhere.csv", acme.name, "No such file"),
        ("postgresql://reader:hunter2@127.0.0.1:1/old", acme.name, "cannot be reached"),
        (tmp_path / "old.csv", "nobody", "there is no tenant"),
    ):
        failed = shared.run(*migrate(source, tenant))
        assert sentence in failed.clear_line()
        assert "hunter2" not in failed.remarks
    both = shared.run(*migrate(tmp_path / "old.csv", acme.name, "--dry-run", "--undo"))
    assert both.exit_code == 2
