"""From bytes to validated records: the body `{"records": [...]}`, and lines of one record each (NDJSON).

Integers of any size stay exact; of two equal keys the last one counts; a byte order mark at the very beginning is skipped. What is not such JSON,
and every record that breaks a rule, is answered with REQUEST_INVALID naming place and field, at most `MAX_ERRORS` of them.
"""

import json
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from factbook.history.truth.model import Record
from factbook.history.truth.rules import MAX_ERRORS
from factbook.history.truth.shape_errors import field_name_shown, shape_errors
from factbook.kernel.problems import REQUEST_INVALID, FieldError, Problem

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
WHITE_SPACE = b" \t\r\n"  # of JSON, RFC 8259 section 2

_ADAPTER: TypeAdapter[Record] = TypeAdapter(Annotated[Record, Field(discriminator="type")])


def parse_json_body(body: bytes) -> list[Record]:
    """The records of `{"records": [...]}`, in their order. Raises REQUEST_INVALID."""
    try:
        document = json_value(body.removeprefix(BYTE_ORDER_MARK))
    except ValueError as error:
        raise records_refused([FieldError("body", str(error))]) from None
    sound: list[Record] = []
    errors: list[FieldError] = []
    for index, item in enumerate(_records_in(document)):
        record = checked_record(item, f"records[{index}]", errors)
        if record is not None:
            sound.append(record)
        elif len(errors) >= MAX_ERRORS:
            break
    if errors:
        raise records_refused(errors)
    return sound


def _records_in(document: Any) -> list[Any]:
    if not isinstance(document, dict):
        raise records_refused([FieldError("body", "is not an object")])
    errors = [FieldError(field_name_shown(key), "no such field belongs to the body") for key in document if key != "records"]
    if "records" not in document:
        errors.append(FieldError("records", "is missing"))
    elif not isinstance(document["records"], list):
        errors.append(FieldError("records", "is not a list"))
    if errors:
        raise records_refused(errors)
    records: list[Any] = document["records"]
    return records


class NdjsonReader:
    """Collects the records of an NDJSON text that arrives in pieces. Blank lines are ignored, and the last line may lack its line feed."""

    def __init__(self) -> None:
        self._sound: list[Record] = []
        self._errors: list[FieldError] = []
        self._seen = 0
        self._pieces: list[bytes] = []
        self._started = False

    def feed(self, chunk: bytes) -> None:
        """Take the next piece, of any size. Once `MAX_ERRORS` are known it is dropped unread."""
        if len(self._errors) >= MAX_ERRORS:
            return
        first, *others = chunk.split(b"\n")
        self._pieces.append(first)
        for start_of_next in others:
            self._end_line()
            self._pieces.append(start_of_next)

    def close(self) -> list[Record]:
        """All records, in their order. Raises REQUEST_INVALID; paths count records from `records[0]`, blank lines left out."""
        self._end_line()
        if self._errors:
            raise records_refused(self._errors)
        return self._sound

    def _end_line(self) -> None:
        line = b"".join(self._pieces)
        self._pieces.clear()
        if not self._started:
            line, self._started = line.removeprefix(BYTE_ORDER_MARK), True
        if line.strip(WHITE_SPACE) and len(self._errors) < MAX_ERRORS:
            record = parse_line(line, f"records[{self._seen}]", self._errors)
            self._seen += 1
            if record is not None:
                self._sound.append(record)


def parse_line(line: bytes, place: str, errors: list[FieldError]) -> Record | None:
    """The record that one line holds. None when it holds none; then `errors` has grown by the reasons, with paths that begin with `place`."""
    try:
        item = json_value(line)
    except ValueError as error:
        errors.append(FieldError(place, str(error)))
        return None
    return checked_record(item, place, errors)


def checked_record(item: Any, place: str, errors: list[FieldError]) -> Record | None:
    """The record that a JSON value is. None when it is none; then `errors` has grown by the reasons, with paths that begin with `place`."""
    if not isinstance(item, dict):
        errors.append(FieldError(place, "is not an object"))
        return None
    try:
        return _ADAPTER.validate_python(item)
    except ValidationError as error:
        errors.extend(shape_errors(error, place))
        return None


def json_value(text: bytes) -> Any:
    """The value of a JSON text in UTF-8. `ValueError` says what is wrong with it, without repeating any of it.

    The fast parser takes a lone surrogate for a broken text. Whatever it refuses is read again by the standard library, which lets such a string
    pass, so that the rules of records can name the field it stands in. NaN and the infinities pass both and are refused in the same way.
    """
    try:
        return from_json(text)
    except ValueError:
        return _slow_json_value(text)


def _slow_json_value(text: bytes) -> Any:
    try:
        return json.loads(text.decode())
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except ValueError:  # the interpreter's limit on the digits of one number, whose message gives advice to programmers
        raise ValueError("holds a number with too many digits") from None


def records_refused(errors: Iterable[FieldError]) -> Problem:
    """The problem that names these errors, as many as an answer holds."""
    return REQUEST_INVALID.because("Nothing was recorded: some of it does not have the right shape.", list(errors)[:MAX_ERRORS])
