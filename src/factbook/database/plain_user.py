"""Whom the server runs as. PostgreSQL refuses to run as root, so root starts it as a plain user, who owns the cluster folder and nothing else.

That user may be shut out of a folder above the cluster or above the programs (mode 0700, for example below /root). Permissions of such folders
are never changed. Where, and only where, the user is shut out, the server gets one Linux capability to pass: `dac_read_search`, which reads past
permissions, or where the container withholds that one, or only root may execute the programs, `dac_override`. A database superuser can then read
what root can; the three application roles are no superusers and cannot.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from factbook.database.binaries import Binaries
from factbook.database.unavailable import DatabaseUnavailable

ROOT = 0
PLAIN_USERS = ("postgres", "nobody")
PASSING_CAPABILITIES = ("dac_read_search", "dac_override")
NOT_ENTERED, NOT_EXECUTED = 3, 4
PROBE = f'cd -- "$1" || exit {NOT_ENTERED}; "$2" --version && "$3" --version || exit {NOT_EXECUTED}'


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the operating system that is not root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Runner:
    """How programs of the server are started: as `account` (None: as ourselves), with at most one capability."""

    account: Account | None
    capability: str | None = None

    def start(
        self, command: Sequence[str | Path], *, stdin: int, output: int, environment: Mapping[str, str] = MappingProxyType({})
    ) -> subprocess.Popen[bytes]:
        """Start a program in a session of its own, so Ctrl-C passes it by, with no descriptor but these and an environment without our secrets."""
        inherited = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
        plain = self.account if self.capability is None else None  # with a capability it is setpriv that changes the user
        return subprocess.Popen(  # noqa: S603 - programs found by us, no shell text from outside
            [*self._prefix(), *command],
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=plain.uid if plain else None,
            group=plain.gid if plain else None,
            extra_groups=[] if plain else None,
            cwd="/",
            env={**inherited, "LC_ALL": "C", "TZ": "UTC", **environment},
            umask=0o077,
            start_new_session=True,
        )

    def run(self, command: Sequence[str | Path], *, stdin: int, output: int) -> int:
        """Start a program, wait for its end and return its exit code."""
        with self.start(command, stdin=stdin, output=output) as process:
            return process.wait()

    def give(self, place: Path) -> None:
        """Make the account the owner of a file or folder that we just made."""
        if self.account:
            os.chown(place, self.account.uid, self.account.gid)

    def _prefix(self) -> list[str]:
        if self.account is None or self.capability is None:
            return []
        # PostgreSQL looks for its own programs with access(2), which leaves capabilities out unless this securebit is set (capabilities(7)).
        return [
            *("setpriv", f"--reuid={self.account.uid}", f"--regid={self.account.gid}", "--clear-groups", "--securebits=+no_setuid_fixup"),
            *(f"--inh-caps=+{self.capability}", f"--ambient-caps=+{self.capability}", "--"),
        ]


def server_account(cluster: Path, data_folder: Path) -> Account | None:
    """None when we are no root. Else the owner of the cluster, the owner of the data folder, `postgres` or `nobody`: the first that is no root."""
    if os.geteuid() != ROOT:
        return None
    for place in (cluster, data_folder):
        if place.exists() and (owner := place.stat().st_uid) != ROOT:
            return _account_of(owner, place)
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in PLAIN_USERS:
        if name in known and known[name].pw_uid != ROOT:
            return Account(name, known[name].pw_uid, known[name].pw_gid)
    raise DatabaseUnavailable("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`: run Factbook as a plain user.")


def _account_of(uid: int, place: Path) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(str(uid), uid, place.stat().st_gid)
    return Account(entry.pw_name, uid, entry.pw_gid)


def user_name(uid: int) -> str:
    """The name of a user, or the number of one without a name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def runner_for(account: Account | None, place: Path, binaries: Binaries) -> Runner:
    """The runner with the least privilege that can enter `place` and execute the programs. `DatabaseUnavailable` when none can."""
    first = Runner(account)
    code = _probe(first, place, binaries)
    if code == 0:
        return first
    if account and shutil.which("setpriv"):
        for capability in PASSING_CAPABILITIES:
            runner = Runner(account, capability)
            if _probe(runner, place, binaries) == 0:
                return runner
    who = account.name if account else user_name(os.geteuid())
    if code == NOT_EXECUTED:
        raise DatabaseUnavailable(
            f"The user {who} cannot execute the PostgreSQL programs in {binaries.folder}: "
            "install Factbook in a folder that everybody may pass through (chmod o+x on each folder above), or run it as a plain user."
        )
    raise DatabaseUnavailable(
        f"The user {who}, as whom PostgreSQL runs, cannot enter {place}: "
        "let others pass through the folders above it (chmod o+x), or choose another FACTBOOK_DATA_DIR, or run Factbook as a plain user."
    )


def _probe(runner: Runner, place: Path, binaries: Binaries) -> int:
    """0 when the runner can work there. It really tries: permission bits alone do not know about access lists and mounts."""
    command: list[str | Path] = ["/bin/sh", "-c", PROBE, "sh", place, binaries.initdb, binaries.postgres]
    return runner.run(command, stdin=subprocess.DEVNULL, output=subprocess.DEVNULL)
