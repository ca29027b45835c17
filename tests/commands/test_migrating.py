"""`factbook migrate` with data in place: what is derived goes and comes back, truth stays."""

from factbook.database.embedded import embedded_server
from factbook.database.migrate import newest_revision
from tests.commands.conftest import Visit
from tests.commands.processes import Installation


def test_a_step_down_and_up_again_derives_the_same_history(installation: Installation, first_visit: Visit) -> None:
    newest = f"newest {newest_revision()}"
    at_newest = [f"at {newest_revision()}, {newest}"]
    with embedded_server(installation.data.path):
        (below,) = installation.ok("migrate", "down", "-1").lines
        assert below.endswith(f", {newest}")
        assert [below] != at_newest
        status, unknown = installation.begin("migrate", "status"), installation.begin("migrate", "down", "nonsense")
        assert status.ok().lines == [below]
        assert "nonsense" in unknown.finished().clear_line()
        assert installation.ok("migrate", "up").lines == at_newest
        exported = installation.ok("export", "history", first_visit.customer, "--tenant", "demo")
    assert f"sha256 {first_visit.digest['sha256']}" in exported.remarks
