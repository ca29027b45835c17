"""Starting and stopping the server process of a data folder, and waiting for it. The caller holds `start.lock`."""

import os
import signal
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from factbook.database.binaries import Binaries
from factbook.database.data_folder import DataFolder, ServerState
from factbook.database.plain_user import Runner
from factbook.database.unavailable import DatabaseUnavailable

READY_SECONDS = 60.0  # without a sign of life; crash recovery gives one every 10 s (log_startup_progress_interval) and may take as long as it needs
STOP_SECONDS = 60.0  # a fast shutdown writes a checkpoint of at most shared_buffers
POLL_SECONDS = 0.02
CONNECT_SECONDS = 5

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",  # bulk imports write far more than the default 1GB between two checkpoints
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "jit": "off",  # every query is short; compiling one costs more than it saves
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    # Statements and values are personal data. Messages of level ERROR quote values (`invalid input syntax for type uuid: "..."`), so the log
    # starts at LOG, which ranks above ERROR there; the client still gets every error. Terse drops DETAIL, which quotes keys and queries.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
}


def launch(folder: DataFolder, binaries: Binaries, runner: Runner, port: int, server_lock: int) -> None:
    """Start the server and hand it `server_lock` as its standard input. Returns before it is ready."""
    options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    command: list[str | Path] = [binaries.postgres, "-D", folder.cluster, "-p", str(port), *options]
    # A killed server leaves its process id behind, and PostgreSQL does not start while any process of this user has that id. `server_lock` proves
    # that it is not the server any more. An id told as its grandparent's (pg_ctl's way) is passed over; the check of shared memory still stands.
    left_behind = folder.postmaster()
    environment = {"PG_GRANDPARENT_PID": str(left_behind.pid)} if left_behind else {}
    log = folder.open_private(folder.log.name, os.O_WRONLY | os.O_APPEND)
    try:
        server = runner.start(command, stdin=server_lock, output=log, environment=environment)
    finally:
        os.close(log)
    # Whoever stops it and whenever: the thread takes the exit status, so no zombie stays behind while we live on.
    threading.Thread(target=server.wait, name="embedded-postgres", daemon=True).start()


def free_port(preferred: int | None = None) -> int:
    """`preferred` when nothing listens there, else a free port of 127.0.0.1. Another process may still take it first."""
    for port in (preferred, 0):
        with socket.socket() as probe, suppress(OSError):
            if port is not None:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of the last run that still linger do not count
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise DatabaseUnavailable("No port of 127.0.0.1 is free for the database.")


def wait_until_answering(folder: DataFolder) -> ServerState | None:
    """The server's address once it accepts connections, or None when no process of it lives any more. `DatabaseUnavailable` when it stays mute."""
    seen, deadline = None, time.monotonic() + READY_SECONDS
    while folder.server_lives():
        if (state := _answering(folder)) is not None:
            return state
        postmaster = folder.postmaster()
        log_size = folder.log.stat().st_size if folder.log.exists() else 0
        if postmaster and postmaster.status == "starting" and seen != log_size:
            seen, deadline = log_size, time.monotonic() + READY_SECONDS
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(f"The database in {folder.path} does not answer for {READY_SECONDS:.0f} seconds: {folder.log_tail()}")
        time.sleep(POLL_SECONDS)
    return None


def stop(folder: DataFolder) -> None:
    """Fast shutdown: sessions are ended, everything is on disk. Waits; a server that takes longer ends by itself, and the next start waits for it."""
    signalled, deadline = None, time.monotonic() + STOP_SECONDS
    while folder.server_lives() and time.monotonic() < deadline:
        postmaster = folder.postmaster()
        if postmaster and postmaster.pid != signalled:
            with suppress(ProcessLookupError):
                os.kill(postmaster.pid, signal.SIGINT)
            signalled = postmaster.pid
        time.sleep(POLL_SECONDS)
    if signalled is not None and not folder.server_lives():
        with suppress(ChildProcessError):  # not our child, or its exit status is taken already
            os.waitpid(signalled, 0)


def _answering(folder: DataFolder) -> ServerState | None:
    postmaster = folder.postmaster()
    if postmaster is None or postmaster.status != "ready":
        return None
    state = folder.state().at(postmaster.port)
    try:
        psycopg.connect(state.url(), connect_timeout=CONNECT_SECONDS, sslmode="disable", gssencmode="disable").close()
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):  # the server speaks English (LC_ALL=C), and a refused login has no SQLSTATE in psycopg
            raise DatabaseUnavailable(f"The password in {folder.path / 'server.json'} is not that of the database: restore the file.") from error
        return None
    return state
