"""The data folder of the embedded database on disk: its files, their modes, its locks, and what the running server says of itself in it.

postgres/      the cluster, owned by the user the server runs as
postgres.log   what the server and initdb print; statements and values never reach it
server.json    port and superuser password, mode 0600
start.lock     held while anybody creates, starts, joins, leaves or stops
users.lock     held shared by each user of the server
server.lock    the standard input of the server, so it is held exactly as long as any process of the server lives, whatever killed the others
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from factbook.database.plain_user import ROOT, server_account, user_name
from factbook.database.unavailable import DatabaseUnavailable

LOG_LINES_SHOWN = 5
LOG_BYTES_READ = 4096


@dataclass(frozen=True, slots=True)
class ServerState:
    """How to reach the server as its superuser. The port is the last one used."""

    port: int
    password: str

    def url(self) -> str:
        """The superuser's URL, which holds the password."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/postgres"

    def at(self, port: int) -> "ServerState":
        """The same server on another port."""
        return replace(self, port=port)


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What `postmaster.pid` says of the server: process id, port, and a status such as `starting`, `ready` or `stopping`."""

    pid: int
    port: int
    status: str


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A data folder by its absolute path."""

    path: Path

    @property
    def cluster(self) -> Path:
        """The folder that PostgreSQL calls its data directory."""
        return self.path / "postgres"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.path / "postgres.log"

    def open_private(self, name: str, flags: int) -> int:
        """A descriptor of a file for us alone (0600, made when missing). What root makes belongs to the folder's owner, who stays able to use it."""
        descriptor = os.open(self.path / name, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        if os.geteuid() == ROOT:
            owner = self.path.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        return descriptor

    def write_private(self, name: str, content: str) -> None:
        """Replace a whole file at once: a reader, or a crash, sees the old content or the new."""
        descriptor = self.open_private(f"{name}.new", os.O_WRONLY | os.O_TRUNC)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        (self.path / f"{name}.new").replace(self.path / name)

    @contextmanager
    def transition(self) -> Iterator[None]:
        """Hold `start.lock`. Waits without limit: its holder keeps limits of its own, and the kernel frees it when the holder dies."""
        descriptor = self.open_private("start.lock", os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def try_server_lock(self) -> int | None:
        """A descriptor that holds `server.lock`, to be handed to the server and closed; None while a process of a server holds it."""
        descriptor = self.open_private("server.lock", os.O_RDWR)
        if try_flock(descriptor, fcntl.LOCK_EX):
            return descriptor
        os.close(descriptor)
        return None

    def server_lives(self) -> bool:
        """Whether any process of a server of this folder still exists. Starts nothing and creates nothing."""
        try:
            descriptor = os.open(self.path / "server.lock", os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            return not try_flock(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def write_state(self, state: ServerState) -> None:
        """Keep port and password in `server.json`."""
        self.write_private("server.json", json.dumps({"port": state.port, "password": state.password}) + "\n")

    def state(self) -> ServerState:
        """Port and password from `server.json`; `DatabaseUnavailable` when the file is gone or damaged."""
        path = self.path / "server.json"
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return ServerState(int(content["port"]), str(content["password"]))
        except FileNotFoundError:
            raise DatabaseUnavailable(f"{path}, which holds the password of the database in {self.cluster}, is missing: restore it.") from None
        except (ValueError, KeyError, TypeError):
            raise DatabaseUnavailable(f"{path}, which holds the password of the database in {self.cluster}, is damaged: restore it.") from None

    def postmaster(self) -> Postmaster | None:
        """What the server wrote about itself; None when nothing or not yet everything is written. It outlives a server that was killed."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
            return Postmaster(pid=int(lines[0]), port=int(lines[3]), status=lines[7].strip())
        except (FileNotFoundError, ValueError, IndexError):
            return None

    def log_tail(self) -> str:
        """The last lines of the log, joined into one, for an error message."""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - LOG_BYTES_READ))
            lines = [line.strip() for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
        return " | ".join(lines[-LOG_LINES_SHOWN:]) or "the log is empty"


def new_password() -> str:
    """A random password of 192 bits that needs no quoting in a URL."""
    return secrets.token_urlsafe(24)


def try_flock(descriptor: int, kind: int) -> bool:
    """Take a lock without waiting; whether it was taken. A lock already held through this descriptor may be lost by the attempt (flock(2))."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def open_data_folder(data_dir: Path) -> DataFolder:
    """The folder, created when missing: 0700, and by root 0710 with the group of the server's user, who must pass. An existing one keeps its mode."""
    folder = DataFolder(data_dir.resolve())
    folder.path.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.path.mkdir(mode=0o700)
    except FileExistsError:
        if not folder.path.is_dir():
            raise DatabaseUnavailable(f"The data folder {folder.path} is a file: choose a folder.") from None
        return folder
    if account := server_account(folder.cluster, folder.path):
        os.chown(folder.path, -1, account.gid)
        folder.path.chmod(0o710)
    return folder


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Tell what the operating system refuses as `DatabaseUnavailable`."""
    try:
        yield
    except PermissionError as error:
        at_fault = error.filename or path
        who = user_name(os.geteuid())
        raise DatabaseUnavailable(
            f"The user {who} may not read or write {at_fault}, which the database in {path} needs: {error.strerror}."
        ) from error
    except (NotADirectoryError, FileExistsError) as error:
        raise DatabaseUnavailable(f"The data folder {path} lies below a file: choose another folder.") from error
    except OSError as error:
        raise DatabaseUnavailable(f"The data folder {path} cannot be used: {error.strerror or error}.") from error
