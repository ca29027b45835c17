"""`factbook migrate` with data in place: what is derived goes and comes back, truth stays."""

from factbook.database.embedded import embedded_server
from factbook.database.migrate import newest_revision
from tests.commands.conftest import Visit
from tests.commands.processes import Installation


def test_a_step_down_and_up_again_derives_the_same_history(installation: Installation, first_visit: Visit) -> None:
    newest = newest_revision()
    with embedded_server(installation.data.path):
        assert installation.ok("migrate", "status").lines == [f"at {newest}, newest {newest}"]
        assert installation.ok("migrate", "down", "-1").lines != [f"at {newest}, newest {newest}"]
        assert installation.ok("migrate", "up").lines == [f"at {newest}, newest {newest}"]
        exported = installation.ok("export", "history", first_visit.customer, "--tenant", "demo")
    assert f"sha256 {first_visit.digest['sha256']}" in exported.remarks


def test_a_revision_that_does_not_exist_is_refused_in_one_clear_line(installation: Installation) -> None:
    assert "nonsense" in installation.run("migrate", "down", "nonsense").clear_line()
