"""The stand-in for Hatchet as a process: it can be killed, doomed to die in the middle of something, and restarted with or without what it knew."""

import base64
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import grpc

from factbook.database.server_process import free_port
from tests.faults.hatchet_run import Run, read_runs

_PATIENCE_SECONDS = 30.0
# The contracts come with the SDK, and importing the SDK takes seconds that no start needs: its package is there without its first file.
_START = """
import sys, types
from importlib.util import find_spec
package = types.ModuleType("hatchet_sdk")
package.__path__ = list(find_spec("hatchet_sdk").submodule_search_locations)
sys.modules["hatchet_sdk"] = package
from tests.faults.hatchet_stand_in import main
main()
"""


def token_for(name: str, address: str = "127.0.0.1:1") -> str:
    """A token of the form that the SDK takes: a JWT that names the tenant and two addresses. The stand-in compares it, no more."""
    claims = {"sub": "707d0855-80ab-4e1f-a156-f1c4546cbf52", "server_url": f"http://{address}", "grpc_broadcast_address": address, "name": name}
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in ('{"alg":"none"}', json.dumps(claims), name))


class HatchetStandIn:
    """May be started again after it was killed: another run of it at the same address, which knows what the last one knew."""

    def __init__(self, folder: Path, *, lost_after_seconds: float = 8.0) -> None:
        self.port = free_port()
        self.token = token_for("right")
        self._lost_after = lost_after_seconds
        self._folder = folder
        self._file = folder / "hatchet_stand_in.sqlite"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *, accepts: str | None = None) -> None:
        """Start, and wait until it answers. `accepts` is a token other than its own that it takes in its place."""
        assert self._process is None
        arguments = [str(self.port), str(self._file), accepts or self.token, str(self._lost_after)]
        with (self._folder / "hatchet_stand_in.log").open("ab") as log:
            self._process = subprocess.Popen([sys.executable, "-c", _START, *arguments], cwd=Path(__file__).parents[2], stdout=log, stderr=log)
        with grpc.insecure_channel(self.address) as channel:
            grpc.channel_ready_future(channel).result(timeout=_PATIENCE_SECONDS)

    def kill(self) -> None:
        """End it without a warning."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def forget(self) -> None:
        """Lose all that it knew. It must be dead."""
        assert self._process is None
        for file in self._folder.glob(f"{self._file.name}*"):
            file.unlink()

    def die_at(self, point: str, times: int = 1) -> None:
        """Let it die when it passes `point` for the `times`-th time from now."""
        self._control("DieAt", json.dumps([point, times]).encode())

    def await_death(self) -> None:
        """Wait until it has died where it was told to."""
        assert self._process is not None
        code = self._process.wait(timeout=_PATIENCE_SECONDS)
        assert code == 137, code
        self._process = None

    def fire(self, workflow: str) -> None:
        """Tick this workflow's schedule now."""
        self._control("Fire", workflow.encode())

    def pause(self) -> None:
        """Let it stop where it is: connections stay open, and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def runs(self) -> list[Run]:
        """What it has in its file."""
        return read_runs(self._file) if self._file.exists() else []

    def _control(self, method: str, request: bytes) -> None:
        with grpc.insecure_channel(self.address) as channel:
            channel.unary_unary(f"/stand_in.Control/{method}")(request, timeout=_PATIENCE_SECONDS)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)
