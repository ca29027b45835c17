"""Takes old bytes off the disk: rewrites tables without the rows that were deleted, then gets rid of the write-ahead log that still holds them.

PostgreSQL keeps a deleted row's bytes until its page is used again, and its log until the file is. A table is rewritten by its owner. The log is the
server's: on the embedded one it is moved on, written over and removed; on a server of the operator's own it is left alone, and said so.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from factbook.database.roles import SCHEMA
from factbook.database.urls import DatabaseUrls

# A row that an older transaction may still look at is copied along. Requests and statements are ended before that.
PATIENCE_SECONDS = 90.0
_PAUSE_SECONDS = 1.0
_MOST_SEGMENTS = 400  # the embedded server's max_wal_size is 4 GB, a segment 16 MB
_NUMBER = re.compile(r"\d+")

Session = psycopg.Connection[TupleRow]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Purged:
    """Bytes of the tables before and after; how many deleted rows an open transaction still holds; how many files of the log were got rid of.

    `log_files` is None where the log was left alone.
    """

    bytes_before: int
    bytes_after: int
    rows_held: int
    log_files: int | None


def purge_tables(urls: DatabaseUrls, tables: Sequence[str], *, own_server: bool, progress: Progress) -> Purged:
    """Rewrite the tables; on the embedded server get rid of the log as well. Readers and writers of a table wait while it is rewritten."""
    steps = len(tables) + (0 if own_server else 1)
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        before = _size(owner, tables)
        held = 0
        for done, table in enumerate(tables):
            progress(done, steps)
            held += _rewritten(owner, table)
        after = _size(owner, tables)
    progress(len(tables), steps)
    files = None if own_server else _without_old_log(urls.admin)
    progress(steps, steps)
    return Purged(before, after, held, files)


def _rewritten(owner: Session, table: str) -> int:
    """How many deleted rows of the table were held by others to the end of our patience."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while held := _rewrite(owner, table):
        if time.monotonic() > deadline:
            break
        time.sleep(_PAUSE_SECONDS)
    return held


def _rewrite(owner: Session, table: str) -> int:
    """How many deleted rows had to be copied along, as the server tells in its remarks."""
    told: list[str] = []

    def hear(diagnostic: psycopg.errors.Diagnostic) -> None:
        told.append(diagnostic.message_detail or "")

    owner.add_notice_handler(hear)
    try:
        owner.execute(sql.SQL("VACUUM (FULL, VERBOSE) {}").format(sql.Identifier(SCHEMA, table)))
    finally:
        owner.remove_notice_handler(hear)
    # Its detail begins with the number of rows that cannot be removed yet.
    return max((int(found[0]) for detail in told if (found := _NUMBER.search(detail))), default=0)


def _size(owner: Session, tables: Sequence[str]) -> int:
    names = [f"{SCHEMA}.{table}" for table in tables]
    row = owner.execute(
        "SELECT coalesce(sum(pg_total_relation_size(name::regclass)), 0)::bigint FROM unnest(%s::text[]) AS name", (names,)
    ).fetchone()
    return int(row[0]) if row else 0


def _without_old_log(admin_url: str) -> int:
    """How many files of the log were got rid of: all that were written before now, those kept for later use among them."""
    with psycopg.connect(admin_url, autocommit=True) as admin, _nothing_recycled(admin):
        old = _log_files(admin)
        # A checkpoint keeps the log since the one before it, and files that wait to be used again are used up and written over with zeros.
        for _ in range(_MOST_SEGMENTS):
            admin.execute("SELECT pg_logical_emit_message(true, 'factbook', 'purge')")
            admin.execute("SELECT pg_switch_wal()")
            admin.execute("CHECKPOINT")
            if not old & _log_files(admin):
                break
        return len(old) - len(old & _log_files(admin))


def _log_files(admin: Session) -> set[str]:
    return {name for (name,) in admin.execute("SELECT name FROM pg_ls_waldir()")}


@contextmanager
def _nothing_recycled(admin: Session) -> Iterator[None]:
    """Have the server remove files of its log while the block lasts, where it would keep them under another name for later use."""
    admin.execute("ALTER SYSTEM SET wal_recycle = off")
    admin.execute("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        admin.execute("ALTER SYSTEM RESET wal_recycle")
        admin.execute("SELECT pg_reload_conf()")
