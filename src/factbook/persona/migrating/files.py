"""Reads rows out of files, CSV or JSON Lines, as a stream: memory holds one row, however long the file is."""

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from factbook.persona.migrating.model import COLUMNS, NotTaken, RawRow
from factbook.persona.migrating.persona_json import UnusablePersonaError, parsed

if TYPE_CHECKING:
    import _csv  # the type of a reader has no public name

# A text of 100,000 characters and a persona, even if every character of both is written as an escape.
LONGEST_ROW = 8 * 1024 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WHITE_SPACE = b" \t\r\n"

ENDINGS = (".csv", ".jsonl", ".ndjson")


class SourceUnreadableError(ValueError):
    """The source cannot be read, or is not what it should be. The message is one sentence that repeats nothing out of it."""


def rows_in_file(path: Path, file: BinaryIO) -> Iterator[RawRow]:
    """The rows of the file, whose ending says what it is. Raises SourceUnreadableError."""
    return _csv_rows(file) if path.suffix.lower() == ".csv" else _json_rows(file)


def _json_rows(file: BinaryIO) -> Iterator[RawRow]:
    number = 0
    while line := file.readline(LONGEST_ROW + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if len(line) > LONGEST_ROW:
            _skip_line(file, line)
            yield RawRow(f"line {number}", None, NotTaken.TOO_LONG)
        elif line.strip(_WHITE_SPACE):
            yield _json_row(f"line {number}", line)


def _skip_line(file: BinaryIO, piece: bytes) -> None:
    while piece and not piece.endswith(b"\n"):
        piece = file.readline(LONGEST_ROW)


def _json_row(place: str, line: bytes) -> RawRow:
    try:
        value = parsed(line.decode("utf-8"))
    except UnicodeDecodeError:
        return RawRow(place, None, NotTaken.NOT_UTF8)
    except UnusablePersonaError as unusable:
        names_twice = unusable.reason is NotTaken.PERSONA_NAMES_TWICE
        return RawRow(place, None, NotTaken.NAMES_TWICE if names_twice else NotTaken.NOT_AN_OBJECT)
    if not isinstance(value, dict):
        return RawRow(place, None, NotTaken.NOT_AN_OBJECT)
    return RawRow(place, {name: value.get(name) for name in COLUMNS})


def _csv_rows(file: BinaryIO) -> Iterator[RawRow]:
    """Bytes that are no UTF-8 pass as lone surrogates, so that they cost their row and not the file."""
    csv.field_size_limit(LONGEST_ROW)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        yield from _rows_of(csv.reader(text, strict=True))
    finally:
        with suppress(ValueError):  # the file was closed by its owner meanwhile
            text.detach()  # else it would be closed together with this reader


def _rows_of(reader: "_csv.Reader") -> Iterator[RawRow]:
    header = _header(reader)
    while True:
        before = reader.line_num
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield RawRow(_lines(before, reader.line_num), None, NotTaken.NOT_CSV)
            continue
        if fields:
            yield _csv_row(_lines(before, reader.line_num), header, fields)


def _header(reader: Iterator[list[str]]) -> list[str]:
    try:
        header: list[str] = next(reader, [])
    except csv.Error:
        raise SourceUnreadableError("The first line is not well-formed CSV.") from None
    missing = [name for name in COLUMNS if header.count(name) != 1]
    if missing:
        raise SourceUnreadableError(
            f"The first line must name each of the columns {', '.join(COLUMNS)} once; that is not so for {', '.join(missing)}."
        )
    return header


def _csv_row(place: str, header: list[str], fields: list[str]) -> RawRow:
    if len(fields) != len(header):
        return RawRow(place, None, NotTaken.OTHER_FIELDS)
    values = {name: value for name, value in zip(header, fields, strict=True) if name in COLUMNS}
    try:
        "".join(values.values()).encode()
    except UnicodeEncodeError:
        return RawRow(place, None, NotTaken.NOT_UTF8)
    return RawRow(place, dict(values))


def _lines(before: int, last: int) -> str:
    """The lines of a row: one, or several where a field holds line feeds."""
    return f"line {last}" if last == before + 1 else f"lines {before + 1}-{last}"
