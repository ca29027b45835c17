"""The `factbook` command as real processes: run to its end, or serving until it is told to stop. What they print goes to files."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from factbook.database.data_folder import DataFolder
from factbook.database.embedded import embedded_server
from factbook.database.server_process import free_port

COMMAND = Path(sys.executable).with_name("factbook")
PATIENCE_SECONDS = 60.0  # for what takes a second or two on a machine with nothing else to do

T = TypeVar("T")


def until(wanted: Callable[[], T], what: str) -> T:
    """The first true value of `wanted`, asked again and again; the test fails when none comes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (value := wanted()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)
    return value


def clean_environment(settings: Mapping[str, object]) -> dict[str, str]:
    """This process's environment with these settings in place of its own, and nothing that makes programs believe in a terminal or start slowly."""
    misleading = ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "COLUMNS", "TERMINAL_WIDTH", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FACTBOOK_") and name not in misleading}
    return kept | {name: str(value) for name, value in settings.items()}


@dataclass
class Installation:
    """A place to work in, with a data folder of its own, and every process started there. `close` leaves nothing running and no data."""

    place: Path
    services: list["Service"] = field(default_factory=list)
    commands: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def data(self) -> DataFolder:
        return DataFolder(self.place / "data")

    def begin(self, *arguments: object, **settings: object) -> "Command":
        """Start a command and do not wait for it."""
        number = len(self.commands)
        output, remarks = self.place / f"command-{number}.out", self.place / f"command-{number}.err"
        process = self._start(arguments, {"FACTBOOK_DATA_DIR": self.data.path, **settings}, output, remarks)
        self.commands.append(process)
        return Command(process, output, remarks)

    def run(self, *arguments: object, **settings: object) -> "Finished":
        """Run a command to its end."""
        return self.begin(*arguments, **settings).finished()

    def ok(self, *arguments: object) -> "Finished":
        """Run a command that must succeed."""
        return self.begin(*arguments).ok()

    def serve(self, *arguments: str, **settings: object) -> "Service":
        """Start `factbook serve` on a free port unless one is set, in a session of its own as a terminal does. `ready` waits for it."""
        port = settings.setdefault("FACTBOOK_PORT", free_port())
        remarks = self.place / f"service-{len(self.services)}.err"
        process = self._start(("serve", *arguments), {"FACTBOOK_DATA_DIR": self.data.path, **settings}, remarks.with_suffix(".out"), remarks)
        service = Service(process, int(str(port)), remarks, said_last="Try: " if "--demo" in arguments else "Factbook is ready at ")
        self.services.append(service)
        return service

    def close(self) -> None:
        for service in self.services:
            service.kill()
        for command in self.commands:
            command.kill()
            command.wait()
        if self.data.server_lives():
            with embedded_server(self.data.path):
                pass  # joined and left by its last user, the server stops
        shutil.rmtree(self.data.path, ignore_errors=True)

    def _start(self, arguments: tuple[object, ...], settings: Mapping[str, object], output: Path, remarks: Path) -> subprocess.Popen[bytes]:
        with output.open("wb") as stdout, remarks.open("wb") as stderr:
            return subprocess.Popen(
                [COMMAND, *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                cwd=self.place,
                env=clean_environment(settings),
                start_new_session=True,
            )


@dataclass(frozen=True)
class Finished:
    """What a command left behind."""

    exit_code: int
    output: bytes
    remarks: str

    @property
    def lines(self) -> list[str]:
        return self.output.decode().splitlines()

    @property
    def last_line(self) -> str:
        return self.lines[-1]

    def clear_line(self) -> str:
        """The one line on standard error of a command that failed as it should: with exit code 1, no result and no stack trace."""
        assert (self.exit_code, self.output) == (1, b""), self.remarks
        (line,) = self.remarks.splitlines()
        assert line.startswith("factbook: "), line
        return line


@dataclass(frozen=True)
class Command:
    """A command under way."""

    process: subprocess.Popen[bytes]
    output: Path
    remarks: Path

    def finished(self) -> Finished:
        exit_code = self.process.wait(timeout=PATIENCE_SECONDS)
        return Finished(exit_code, self.output.read_bytes(), self.remarks.read_text(encoding="utf-8"))

    def ok(self) -> Finished:
        """Wait for its end, which must be a success."""
        finished = self.finished()
        assert finished.exit_code == 0, finished.remarks
        return finished


class Service:
    """A `factbook serve` under way."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, remarks: Path, said_last: str) -> None:
        self.process = process
        self.port = port
        self._remarks = remarks
        self._said_last = said_last

    @property
    def printed(self) -> str:
        """What it has said to the person who started it; the lines of its log are left out."""
        lines = self._remarks.read_text(encoding="utf-8").splitlines()
        return "\n".join(line for line in lines if not line.startswith("{"))

    @property
    def key(self) -> str:
        """The demo tenant's key, as printed."""
        return self._found(r"^Key of the demo tenant: (\S+)$")

    @property
    def address(self) -> str:
        """The address, as printed."""
        return self._found(r"^Factbook is ready at (\S+) ")

    @property
    def customer(self) -> str:
        """The id of the demo customer whose history the printed command asks for."""
        return self._found(r"^Try: .*/v1/customers/([0-9a-f-]{36})/history$")

    def ready(self) -> "Service":
        """Wait until it has said all it has to say at its start."""
        said = re.compile(rf"^{self._said_last}.*\n", re.MULTILINE)
        until(lambda: said.search(self._remarks.read_text(encoding="utf-8")) or self.process.poll() is not None, "the service to be ready")
        assert self.process.poll() is None, self.printed
        return self

    def get(self, path: str, key: str | None = None) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        with httpx2.Client(trust_env=False, headers=headers, timeout=PATIENCE_SECONDS) as client:
            return client.get(f"http://127.0.0.1:{self.port}{path}")

    def post(self, path: str, key: str, content: Any) -> httpx2.Response:
        with httpx2.Client(trust_env=False, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_SECONDS) as client:
            return client.post(f"http://127.0.0.1:{self.port}{path}", json=content)

    def put(self, path: str, key: str, content: Any) -> httpx2.Response:
        with httpx2.Client(trust_env=False, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_SECONDS) as client:
            return client.put(f"http://127.0.0.1:{self.port}{path}", json=content)

    def digest(self, customer: str, key: str) -> dict[str, Any]:
        """Basis, number of entries and digest of a customer's history."""
        answer: dict[str, Any] = self.get(f"/v1/customers/{customer}/history/digest", key).raise_for_status().json()
        return answer

    def try_what_is_printed(self) -> httpx2.Response:
        """Do what the printed curl command does."""
        curl, option, header, url = shlex.split(self._found(r"^Try: (.+)$"))
        assert (curl, option) == ("curl", "-H")
        name, _, value = header.partition(": ")
        with httpx2.Client(trust_env=False, timeout=PATIENCE_SECONDS) as client:
            return client.get(url, headers={name: value})

    def workers(self) -> list[int]:
        """The ids of its HTTP processes, and of its worker if it has one."""
        listed = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
        rows = (line.split(maxsplit=2) for line in listed.splitlines())
        return [int(pid) for pid, parent, command in rows if int(parent) == self.process.pid and "spawn_main" in command]

    def press_ctrl_c(self) -> None:
        """Do what a terminal does: send SIGINT to every process of the service."""
        os.killpg(self.process.pid, signal.SIGINT)

    def close_terminal(self) -> None:
        """Do what a closed terminal does: send SIGHUP to every process of the service."""
        os.killpg(self.process.pid, signal.SIGHUP)

    def exit_code(self) -> int:
        return self.process.wait(timeout=PATIENCE_SECONDS)

    def every_process_ended(self) -> None:
        """Wait for the end of every process of its group; the database is in a group of its own."""
        until(lambda: not self._has_live_processes(), "all processes of the service to end")

    def _has_live_processes(self) -> bool:
        if self.process.poll() is None:
            return True
        with suppress(ChildProcessError):  # orphans of a killed service are ours, see `orphans_are_ours`
            while os.waitpid(-self.process.pid, os.WNOHANG) != (0, 0):
                pass
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def listens(self) -> bool:
        """Whether anything listens on its port."""
        try:
            self.get("/healthz")
        except httpx2.ConnectError:
            return False
        return True

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _found(self, pattern: str) -> str:
        found = re.search(pattern, self.printed, re.MULTILINE)
        assert found is not None, self.printed
        return found[1]
