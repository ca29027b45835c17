"""The embedded server over its life: created, joined, left, killed and raced for, with real processes."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from factbook.database.data_folder import DataFolder
from factbook.database.embedded import DatabaseUnavailable, embedded_server, running_server_url
from factbook.database.server_process import free_port

HOLDER = """
import sys
from pathlib import Path
from factbook.database.embedded import embedded_server
with embedded_server(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.readline()
"""
ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)


@pytest.fixture(scope="module", autouse=True)
def orphans_are_ours() -> Iterator[None]:
    """Servers of killed holders become children of this process, so their end can be seen even where process 1 takes no exit statuses."""
    if sys.platform != "linux":
        yield
        return
    prctl = ctypes.CDLL(None).prctl
    prctl(ADOPT_ORPHANS, 1, 0, 0, 0)
    yield
    prctl(ADOPT_ORPHANS, 0, 0, 0, 0)
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):  # processes of killed servers
            pass


@pytest.fixture
def fresh_dir(tmp_path: Path) -> Iterator[Path]:
    """A data folder that does not exist yet; at the end no server of it may live, and its space is given back."""
    folder = tmp_path / "data"
    yield folder
    assert not DataFolder(folder).server_lives()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def used_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("used") / "data"
    with embedded_server(folder):
        pass
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data_dir(used_dir: Path) -> Iterator[Path]:
    """A data folder with a database in it and no server running; at the end no server of it may live."""
    assert not DataFolder(used_dir).server_lives()
    yield used_dir
    assert not DataFolder(used_dir).server_lives()


class Holder:
    """Another process that uses the server until it is told to leave, or killed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def url(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate("leave\n", timeout=30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def holder(data_dir: Path, *, own_group: bool = False) -> Iterator[Holder]:
    command = [sys.executable, "-c", HOLDER, str(data_dir)]
    group = 0 if own_group else None
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, process_group=group) as process:
        try:
            yield Holder(process)
        finally:
            process.kill()


def server_pid(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def is_gone(pid: int) -> bool:
    """Whether no process, nor a zombie, has this id. A server of a killed parent is taken off our hands as init would do it."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def becomes_true(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.002)
    return condition()


def ask(url: str, statement: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
        assert row is not None
        return str(row[0])


def write_note(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS note")
        connection.execute("CREATE TABLE note AS SELECT 'kept' AS text")


def read_note(url: str) -> str:
    return ask(url, "SELECT text FROM note")


def test_a_second_start_finds_what_the_first_one_wrote_on_the_same_port(fresh_dir: Path) -> None:
    with embedded_server(fresh_dir) as first_url:
        write_note(first_url)
    with embedded_server(fresh_dir) as second_url:
        assert second_url == first_url
        assert read_note(second_url) == "kept"


def test_a_new_cluster_sorts_the_same_everywhere_and_checks_its_pages(data_dir: Path) -> None:
    with embedded_server(data_dir) as url:
        assert ask(url, "SELECT concat(datlocprovider, datlocale) FROM pg_database WHERE datname = 'postgres'") == "bC.UTF-8"
        assert ask(url, "SELECT lower('ÄÖ')") == "äö"
        assert [ask(url, f"SHOW {name}") for name in ("server_encoding", "data_checksums", "timezone")] == ["UTF8", "on", "UTC"]


def test_the_last_one_to_leave_stops_the_server(data_dir: Path) -> None:
    with embedded_server(data_dir) as url:
        pid = server_pid(data_dir)
    assert is_gone(pid)
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(url)


def test_the_one_who_started_the_server_may_leave_first(data_dir: Path) -> None:
    with holder(data_dir) as other:
        with embedded_server(data_dir) as url:
            pid = server_pid(data_dir)
            assert other.url() == url
        assert ask(url, "SELECT 1") == "1"
        other.leave()
    assert becomes_true(lambda: is_gone(pid))


def test_one_who_joins_and_leaves_does_not_stop_the_server(data_dir: Path) -> None:
    with holder(data_dir) as other:
        url = other.url()
        with embedded_server(data_dir) as joined_url:
            assert joined_url == url
        assert ask(url, "SELECT 1") == "1"
        pid = server_pid(data_dir)
        other.leave()
    assert becomes_true(lambda: is_gone(pid))


def test_one_process_may_enter_twice(data_dir: Path) -> None:
    with embedded_server(data_dir) as url:
        with embedded_server(data_dir) as inner_url:
            assert inner_url == url
        assert ask(url, "SELECT 1") == "1"


def test_the_url_of_a_running_server_is_told_and_of_a_stopped_one_is_not(data_dir: Path) -> None:
    with embedded_server(data_dir) as url:
        assert running_server_url(data_dir) == url
    with pytest.raises(DatabaseUnavailable, match="No database runs for the data folder"):
        running_server_url(data_dir)


def test_asking_for_the_url_creates_nothing(fresh_dir: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="No database runs"):
        running_server_url(fresh_dir)
    assert not fresh_dir.exists()


def test_the_server_outlives_a_killed_holder_and_the_next_one_joins_and_stops_it(data_dir: Path) -> None:
    with holder(data_dir) as killed:
        url = killed.url()
        pid = server_pid(data_dir)
        killed.kill()
    assert ask(url, "SELECT 1") == "1"
    with embedded_server(data_dir) as joined_url:
        assert joined_url == url
        assert server_pid(data_dir) == pid
    assert is_gone(pid)


def test_a_killed_holder_beside_a_living_one_does_not_count(data_dir: Path) -> None:
    with embedded_server(data_dir):
        pid = server_pid(data_dir)
        with holder(data_dir) as killed:
            killed.url()
            killed.kill()
    assert is_gone(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_server_gets_no_lock_of_its_users(data_dir: Path) -> None:
    with embedded_server(data_dir):
        descriptors = Path(f"/proc/{server_pid(data_dir)}/fd")
        held = {Path(descriptor.readlink()).name for descriptor in descriptors.iterdir()}
    assert "server.lock" in held
    assert not held & {"users.lock", "start.lock"}


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(data_dir: Path) -> None:
    with holder(data_dir, own_group=True) as interrupted:
        url = interrupted.url()
        with embedded_server(data_dir):
            pid = server_pid(data_dir)
            assert os.getpgid(pid) != interrupted.process.pid
            assert os.getsid(pid) != os.getsid(0)
            interrupted.kill()
            assert ask(url, "SELECT 1") == "1"


def test_a_killed_server_recovers_at_the_next_start_with_its_data(data_dir: Path) -> None:
    with embedded_server(data_dir) as url:
        write_note(url)
        os.kill(server_pid(data_dir), signal.SIGKILL)
    with embedded_server(data_dir) as url:
        assert read_note(url) == "kept"


def test_a_killed_server_is_started_again_by_the_next_to_join_while_another_still_holds_on(data_dir: Path) -> None:
    with holder(data_dir) as other:
        url = other.url()
        write_note(url)
        killed = server_pid(data_dir)
        os.kill(killed, signal.SIGKILL)
        with embedded_server(data_dir) as url_again:
            assert url_again == url
            assert server_pid(data_dir) != killed
            assert read_note(url) == "kept"
        other.leave()
    assert becomes_true(lambda: is_gone(killed))


def test_another_process_with_the_id_of_the_killed_server_does_not_keep_it_from_starting(data_dir: Path) -> None:
    with embedded_server(data_dir) as url:
        write_note(url)
        killed = server_pid(data_dir)
        os.kill(killed, signal.SIGKILL)
    owner = (data_dir / "postgres").stat().st_uid
    pid_file = data_dir / "postgres" / "postmaster.pid"
    with subprocess.Popen(["/bin/sleep", "60"], user=owner if os.geteuid() == 0 else None) as bystander:
        pid_file.write_text(pid_file.read_text().replace(str(killed), str(bystander.pid), 1))
        with embedded_server(data_dir) as url:
            assert read_note(url) == "kept"
        assert bystander.poll() is None
        bystander.kill()


def test_a_server_that_stays_mute_is_given_up_and_left_to_its_other_users(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("factbook.database.server_process.READY_SECONDS", 0.2)
    monkeypatch.setattr("factbook.database.server_process.CONNECT_SECONDS", 1)
    with holder(data_dir) as other:
        url = other.url()
        os.kill(server_pid(data_dir), signal.SIGSTOP)
        with pytest.raises(DatabaseUnavailable, match="does not answer for"), embedded_server(data_dir):
            pytest.fail("the server answered")
        os.kill(server_pid(data_dir), signal.SIGCONT)
        assert ask(url, "SELECT 1") == "1"
        other.leave()


def test_four_processes_racing_for_a_fresh_folder_share_one_server(fresh_dir: Path) -> None:
    with ExitStack() as all_of_them:
        holders = [all_of_them.enter_context(holder(fresh_dir)) for _ in range(4)]
        urls = {racing.url() for racing in holders}
        assert len(urls) == 1
        assert ask(urls.pop(), "SELECT 1") == "1"
        pid = server_pid(fresh_dir)
        for racing in holders:
            racing.leave()
    assert becomes_true(lambda: is_gone(pid))
    assert (fresh_dir / "postgres.log").read_text().count("starting PostgreSQL") == 1


def test_a_creation_that_was_killed_leaves_nothing_that_a_later_start_takes_for_data(fresh_dir: Path) -> None:
    unfinished = fresh_dir / "postgres.unfinished"
    with holder(fresh_dir) as killed:
        assert becomes_true(unfinished.exists)
        killed.kill()
    assert not (fresh_dir / "postgres").exists()
    with embedded_server(fresh_dir) as url:
        assert ask(url, "SELECT 1") == "1"
    assert {path.name for path in fresh_dir.iterdir()} == {"postgres", "postgres.log", "server.json", "server.lock", "start.lock", "users.lock"}


def test_what_a_power_cut_left_of_a_creation_is_cleared_away(fresh_dir: Path) -> None:
    (fresh_dir / "postgres.unfinished" / "base").mkdir(parents=True)
    (fresh_dir / "postgres.unfinished" / "PG_VERSION").write_text("18\n")
    with embedded_server(fresh_dir) as url:
        assert ask(url, "SELECT 1") == "1"
    assert not (fresh_dir / "postgres.unfinished").exists()


def test_another_port_is_chosen_when_the_last_one_is_taken(data_dir: Path) -> None:
    with embedded_server(data_dir) as url:
        port = int(psycopg.conninfo.conninfo_to_dict(url)["port"] or 0)
    with socket.create_server(("127.0.0.1", port)), embedded_server(data_dir) as other_url:
        assert other_url != url
        assert ask(other_url, "SELECT 1") == "1"


def test_a_port_taken_in_the_last_moment_costs_a_second_attempt_only(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answers = iter([port])
        monkeypatch.setattr("factbook.database.embedded.free_port", lambda preferred=None: next(answers, None) or free_port(preferred))
        with embedded_server(data_dir) as url:
            assert f":{port}/" not in url
            assert ask(url, "SELECT 1") == "1"
