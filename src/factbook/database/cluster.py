"""Making the cluster of a data folder, once, and refusing one that these programs cannot serve."""

import os
import shutil

from factbook.database.binaries import Binaries
from factbook.database.data_folder import DataFolder, ServerState, new_password
from factbook.database.plain_user import ROOT, Runner, user_name
from factbook.database.unavailable import DatabaseUnavailable

UNFINISHED = "postgres.unfinished"
PASSWORD_FILE = "postgres.password"  # noqa: S105 - the name of a file
BUILTIN_PROVIDER_MAJOR = 17  # since then PostgreSQL brings C.UTF-8 itself and sorts the same on every system


def check_cluster(folder: DataFolder, binaries: Binaries) -> None:
    """Refuse with `DatabaseUnavailable` a cluster of another major version, of another user, or a folder that is no cluster."""
    owner, ourselves = folder.cluster.stat().st_uid, os.geteuid()
    if ourselves not in (ROOT, owner):
        raise DatabaseUnavailable(f"{folder.cluster} belongs to {user_name(owner)}: run Factbook as {user_name(owner)} or as root.")
    try:
        made_by = (folder.cluster / "PG_VERSION").read_text(encoding="utf-8").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        raise DatabaseUnavailable(f"{folder.cluster} is not a PostgreSQL cluster (no PG_VERSION in it): move it away, or restore it.") from None
    if made_by != str(binaries.major):
        raise DatabaseUnavailable(
            f"{folder.cluster} was made by PostgreSQL {made_by}, and the programs in {binaries.folder} are PostgreSQL {binaries.major}: "
            f"let FACTBOOK_POSTGRES_BINARIES name the bin folder of a PostgreSQL {made_by}, or dump with the old one and load into a new data folder."
        )
    if owner == ROOT:
        raise DatabaseUnavailable(f"{folder.cluster} belongs to root, as whom PostgreSQL does not run: give it to a plain user (chown -R).")


def create_cluster(folder: DataFolder, binaries: Binaries, runner: Runner, server_lock: int, port: int) -> None:
    """Make the cluster beside its place and rename it there when it is whole, so an interrupted start leaves nothing that a later one takes for data.

    `server_lock` goes to initdb as its standard input: should we be killed, the next start waits until that initdb is gone.
    """
    unfinished = folder.path / UNFINISHED
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    runner.give(unfinished)
    password = new_password()
    _run_initdb(folder, binaries, runner, server_lock, password)
    folder.write_state(ServerState(port, password))  # before the rename: a cluster in place always has its password
    unfinished.rename(folder.cluster)


def _run_initdb(folder: DataFolder, binaries: Binaries, runner: Runner, server_lock: int, password: str) -> None:
    password_path = folder.path / PASSWORD_FILE
    log = folder.open_private(folder.log.name, os.O_WRONLY | os.O_APPEND)
    try:
        folder.write_private(PASSWORD_FILE, password)
        runner.give(password_path)
        options = [f"--pgdata={folder.path / UNFINISHED}", f"--pwfile={password_path}", *_initdb_options(binaries.major)]
        code = runner.run([binaries.initdb, *options], stdin=server_lock, output=log)
    finally:
        os.close(log)
        password_path.unlink(missing_ok=True)
    if code != 0:
        raise DatabaseUnavailable(f"The database in {folder.path} could not be created, initdb ended with code {code}: {folder.log_tail()}")


def _initdb_options(major: int) -> list[str]:
    builtin = major >= BUILTIN_PROVIDER_MAJOR
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if builtin else ["--locale=C.UTF-8"]
    return ["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", *locale, "--data-checksums"]
