"""Settings that cannot be used end `factbook serve` with one clear line that names them, before anything is started or written."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from factbook.database.embedded import embedded_server
from factbook.database.opening import EMBEDDED_DATABASE
from factbook.database.urls import DatabaseUrls, with_database
from tests.commands.processes import Finished, Installation


@dataclass(frozen=True)
class Wrong:
    """Settings of which one is wrong, and what the line must name."""

    named: str
    environment: dict[str, str] = field(default_factory=dict)
    file: str = ""


WRONG = {
    "a port that is no number": Wrong("FACTBOOK_PORT", {"FACTBOOK_PORT": "abc"}),
    "a log level that does not exist": Wrong("FACTBOOK_LOG_LEVEL", {"FACTBOOK_LOG_LEVEL": "LOUD"}),
    "a setting in the file that does not exist": Wrong("factbook.toml: there is no setting prot", file="prot = 8000"),
    "a file that is no TOML": Wrong("factbook.toml", file="port ="),
    "a schedule that is none": Wrong("FACTBOOK_CRON_EXPIRE_FIELDS", {"FACTBOOK_CRON_EXPIRE_FIELDS": "every day"}),
    "a schedule that is never due": Wrong("FACTBOOK_CRON_DETECT_ORPHANS", {"FACTBOOK_CRON_DETECT_ORPHANS": "0 0 31 2 *"}),
    "a database that does not answer": Wrong("FACTBOOK_DATABASE_URL", {"FACTBOOK_DATABASE_URL": "postgresql://nobody:secret-word@127.0.0.1:1/none"}),
    "a database URL that is none": Wrong("FACTBOOK_DATABASE_URL", {"FACTBOOK_DATABASE_URL": "secret-word"}),
    "a model of a provider that is not known": Wrong("FACTBOOK_MODEL ", {"FACTBOOK_MODEL": "secret-word", "FACTBOOK_MODEL_KEY": "secret-word"}),
    "a data folder that is a file": Wrong("a-file", {"FACTBOOK_DATA_DIR": "a-file"}),
}


@pytest.fixture(scope="module")
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Finished]]:
    """What each of the wrong settings led to, and where. The commands run side by side."""

    def refused(wrong: Wrong) -> tuple[Path, Finished]:
        place = tmp_path_factory.mktemp("refused")
        (place / "a-file").touch()
        if wrong.file:
            (place / "factbook.toml").write_text(wrong.file)
        return place, Installation(place).run("serve", **wrong.environment)

    with ThreadPoolExecutor(4) as pool:
        return dict(zip(WRONG, pool.map(refused, WRONG.values()), strict=True))


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_setting_is_named_in_one_clear_line(refusals: dict[str, tuple[Path, Finished]], what: str) -> None:
    line = refusals[what][1].clear_line()
    assert WRONG[what].named in line
    assert "secret-word" not in line


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_setting_starts_no_database(refusals: dict[str, tuple[Path, Finished]], what: str) -> None:
    assert not Installation(refusals[what][0]).data.server_lives()


def test_a_taken_port_is_named_in_one_clear_line(tmp_path: Path, taken_port: int) -> None:
    installation = Installation(tmp_path)
    line = installation.run("serve", FACTBOOK_PORT=taken_port).clear_line()
    assert f"127.0.0.1:{taken_port}" in line
    assert "FACTBOOK_PORT" in line
    assert not installation.data.path.exists()


def test_a_role_that_may_not_make_roles_is_told_so(installation: Installation) -> None:
    with embedded_server(installation.data.path) as url:
        password = installation.data.state().password
        writer = DatabaseUrls.derive(with_database(url, EMBEDDED_DATABASE), password).writer
        line = installation.run("tenants", "create", "acme", FACTBOOK_DATABASE_URL=writer, FACTBOOK_DATABASE_ROLE_SECRET="other").clear_line()
    assert "schema" in line
    assert "permission denied" in line
