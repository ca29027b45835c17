"""`factbook purge`."""

import psycopg
import typer

from factbook.cli.progress import count_progress
from factbook.cli.running import database_up, fail, read_settings
from factbook.database.purging import Purged, purge_tables
from factbook.persona import TABLES_OF_THE_ERASED

KIBIBYTE = 1024


def purge() -> None:
    """Take the bytes of erased persons off the disk: rewrite their tables and, on the embedded database, get rid of the log that still holds them.

    Readers and writers of a table wait while it is rewritten. Says what was done and what was not. Safe to interrupt and to run again.
    """
    own_server = read_settings().database_url is not None
    try:
        with database_up() as opened, count_progress("Tables and log") as progress:
            purged = purge_tables(opened.urls, TABLES_OF_THE_ERASED, own_server=own_server, progress=progress)
    except psycopg.Error as error:
        fail(f"the database could not be purged: {str(error).partition(chr(10))[0]}")
    _tell(purged)


def _tell(purged: Purged) -> None:
    sizes = f"{purged.bytes_before // KIBIBYTE} KiB before, {purged.bytes_after // KIBIBYTE} KiB after"
    typer.echo(f"rewrote {', '.join(TABLES_OF_THE_ERASED)}: {sizes}")
    if purged.log_files is None:
        typer.echo("left alone: the write-ahead log, replicas and backups of your server; they hold old bytes until they are recycled or removed")
    else:
        typer.echo(f"removed {purged.log_files} files of the write-ahead log")
        typer.echo("left alone: backups and copies of the data folder that you made, and what the disk itself keeps of removed files")
    if purged.rows_held:
        fail(f"{purged.rows_held} deleted rows are still held by an open transaction: end it and run this again")
