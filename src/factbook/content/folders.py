"""Folders on the disk for us alone, and entries in them that outlive a loss of power."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from factbook.content.failures import ContentUnavailable


def make_folder(folder: Path) -> None:
    """Make the folder and what is missing above it (0700), each entered in its parent for good. An existing one keeps its mode."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)  # made by somebody beside us: then it must still be on the disk before we go on
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Bring the entries of a folder to the disk: without it, a file that was renamed or removed may be as before after a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def folder_explained(folder: Path) -> Iterator[None]:
    """Tell what the operating system refuses as `ContentUnavailable`, by the folder and the reason, without the file at fault."""
    try:
        yield
    except OSError as error:
        raise ContentUnavailable(f"The content folder {folder} cannot be used: {error.strerror or type(error).__name__}.") from error
