"""Secrets that are made once and kept in the data folder, each in a file for its owner alone."""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from factbook.database.unavailable import DatabaseUnavailable


def kept_secret(data_dir: Path, name: str, make: Callable[[], str]) -> str:
    """The secret in the file of this name, made when there is none: text in ASCII. `DatabaseUnavailable` for an empty file.

    It gets its name when it is whole, so whoever comes at the same time reads the same.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / name
    if not path.exists():
        descriptor, draft = tempfile.mkstemp(dir=data_dir, prefix=name)  # for us alone (0600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(make())
        with suppress(FileExistsError):  # made by somebody beside us
            os.link(draft, path)
        Path(draft).unlink()
    secret = path.read_text(encoding="ascii").strip()
    if not secret:
        raise DatabaseUnavailable(f"{path} is empty: restore it, or remove it, and a new one is made")
    return secret
