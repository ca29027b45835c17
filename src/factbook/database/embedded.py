"""The embedded PostgreSQL of a data folder: one server that all its users share, started by the first and stopped by the last.

Locks of the kernel (flock) decide who is first and last, so a killed user counts as gone, and a server that survives its users is joined by the next.
Nothing here keeps a server from being reached by other programs of this machine but the password: it listens on 127.0.0.1 and every login is SCRAM.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from factbook.database.unavailable import DatabaseUnavailable

if sys.platform != "win32":  # the modules below need flock and user ids
    import fcntl

    from factbook.database.binaries import find_binaries
    from factbook.database.cluster import check_cluster, create_cluster
    from factbook.database.data_folder import DataFolder, explained, open_data_folder, try_flock
    from factbook.database.plain_user import runner_for, server_account
    from factbook.database.server_process import free_port, launch, stop, wait_until_answering

__all__ = ["DatabaseUnavailable", "embedded_server", "running_server_url"]

START_ATTEMPTS = 5  # each but the first because another program took the port between the check and the start


@contextmanager
def embedded_server(data_dir: Path, binaries: Path | None = None) -> Iterator[str]:
    """Join the server of this data folder, starting (and first creating) it when none runs; the last one to leave stops it.

    Yields the superuser's URL, `postgresql://postgres:<password>@127.0.0.1:<port>/postgres`. `binaries` is the setting FACTBOOK_POSTGRES_BINARIES.
    Raises `DatabaseUnavailable`. Waits while another process creates, starts or stops the server.
    """
    _refuse_windows()
    with explained(data_dir):
        folder = open_data_folder(data_dir)
    with ExitStack() as leaving:
        with explained(folder.path), folder.transition():
            users_lock = folder.open_private("users.lock", os.O_RDWR)
            leaving.callback(_leave, folder, users_lock)
            fcntl.flock(users_lock, fcntl.LOCK_SH)
            url = _join_or_start(folder, binaries)
        yield url


def running_server_url(data_dir: Path) -> str:
    """The superuser's URL of the running server, for processes whose parent holds it with `embedded_server`. `DatabaseUnavailable` when none runs."""
    _refuse_windows()
    folder = DataFolder(data_dir.resolve())
    with explained(folder.path):
        postmaster = folder.postmaster() if folder.server_lives() else None
        if postmaster is None:
            raise DatabaseUnavailable(f"No database runs for the data folder {folder.path}: start Factbook on it first.")
        return folder.state().at(postmaster.port).url()


def _refuse_windows() -> None:
    if sys.platform == "win32":
        raise DatabaseUnavailable("The embedded database needs Linux or macOS; on Windows let FACTBOOK_DATABASE_URL name a server of your own.")


def _leave(folder: "DataFolder", users_lock: int) -> None:
    try:
        with explained(folder.path), folder.transition():
            if try_flock(users_lock, fcntl.LOCK_EX):  # nobody else uses the server
                stop(folder)
    finally:
        os.close(users_lock)


def _join_or_start(folder: "DataFolder", configured: Path | None) -> str:
    """The URL of the server, running when this returns. The caller holds `start.lock`."""
    for _ in range(START_ATTEMPTS):
        while (server_lock := folder.try_server_lock()) is None:
            if state := wait_until_answering(folder):
                return state.url()
        try:
            port = _start(folder, configured, server_lock)
        finally:
            os.close(server_lock)  # from now on the server alone holds it
        if state := wait_until_answering(folder):
            return state.url()
        if free_port(port) == port:  # so the port was not the reason
            break
    raise DatabaseUnavailable(f"The database in {folder.path} ended while it started: {folder.log_tail()}")


def _start(folder: "DataFolder", configured: Path | None, server_lock: int) -> int:
    """Launch the server, made first when there is none; returns its port."""
    binaries = find_binaries(configured)
    exists = folder.cluster.exists()
    if exists:
        check_cluster(folder, binaries)
    runner = runner_for(server_account(folder.cluster, folder.path), folder.cluster if exists else folder.path, binaries)
    if exists:
        state = folder.state()
        port = free_port(state.port)
        folder.write_state(state.at(port))
    else:
        port = free_port()
        create_cluster(folder, binaries, runner, server_lock, port)
    launch(folder, binaries, runner, port, server_lock)
    return port
