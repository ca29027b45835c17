"""The real engine of Hatchet: its sidecar, on a database of its own. It is looked for, and built only where that is asked for."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from factbook.database.server_process import free_port

VERSION = "v0.104.0"
_MODULE = f"github.com/hatchet-dev/hatchet-embedded/cmd/sidecar@{VERSION}"
_BUILD_VARIABLE = "FACTBOOK_BUILD_HATCHET"
_BUILD_SECONDS = 900
_START_SECONDS = 120.0


class NoEngine(Exception):
    """There is no engine on this machine. The text says what is missing."""


def find_engine() -> Path:
    """The sidecar: on PATH, among Go's programs, built earlier, or built now if `FACTBOOK_BUILD_HATCHET=1` asks for it. `NoEngine`."""
    built = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "factbook" / f"hatchet-{VERSION}"
    on_path = shutil.which("hatchet-embedded-sidecar") or shutil.which("sidecar")
    for found in (Path(on_path) if on_path else None, _of_go(), built / "sidecar"):
        if found is not None and found.is_file():
            return found
    if os.environ.get(_BUILD_VARIABLE) != "1":
        raise NoEngine(f"no Hatchet engine: there is no `sidecar` on PATH; {_BUILD_VARIABLE}=1 has it built with Go")
    return _build(built)


def missing_engine() -> str | None:
    """What is missing for an engine on this machine; None when there is one."""
    try:
        find_engine()
    except NoEngine as missing:
        return str(missing)
    return None


def _of_go() -> Path | None:
    if shutil.which("go") is None:
        return None
    asked = subprocess.run(["go", "env", "GOPATH"], capture_output=True, text=True, timeout=30)
    return Path(asked.stdout.strip()) / "bin" / "sidecar" if asked.returncode == 0 else None


def _build(folder: Path) -> Path:
    if shutil.which("go") is None:
        raise NoEngine("no Hatchet engine: there is no Go to build it with")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        made = subprocess.run(
            ["go", "install", _MODULE], env={**os.environ, "GOBIN": str(folder)}, capture_output=True, text=True, timeout=_BUILD_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise NoEngine(f"no Hatchet engine: `go install {_MODULE}` took more than {_BUILD_SECONDS} seconds") from None
    if made.returncode:
        raise NoEngine(f"no Hatchet engine: `go install {_MODULE}` failed: {made.stderr.strip().splitlines()[-1]}")
    return folder / "sidecar"


class HatchetEngine:
    """May be started again after it was killed. What it knows is in its database."""

    def __init__(self, binary: Path, database_url: str, folder: Path) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        self.token = ""  # known once it has been started
        self._binary = binary
        self._database_url = database_url
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        assert self._process is None
        handshake = self._folder / "handshake.json"
        handshake.unlink(missing_ok=True)
        port = self.address.rpartition(":")[2]
        options = ["-handshake-file", str(handshake), "-database-url", self._database_url, "-grpc-port", port, "-no-api"]
        with (self._folder / "hatchet_engine.log").open("ab") as log:
            self._process = subprocess.Popen([self._binary, *options], stdin=subprocess.PIPE, stdout=log, stderr=log)
        deadline = time.monotonic() + _START_SECONDS
        while not handshake.exists():
            assert self._process.poll() is None, f"the engine ended at its start; see {self._folder}"
            assert time.monotonic() < deadline, f"the engine does not answer; see {self._folder}"
            time.sleep(0.1)
        self.token = self.token or json.loads(handshake.read_text())["token"]  # a token outlives the run that made it

    def kill(self) -> None:
        """End it without a warning."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process = None
