"""Which rows of the old table can be taken, out of files in either form: each taken whole, or named with the reason why not."""

import csv
import io
import json
import tracemalloc
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.kernel.canonical import canonical_json, sha256_hex
from factbook.persona.migrating.files import LONGEST_ROW, SourceUnreadableError, rows_in_file
from factbook.persona.migrating.model import COLUMNS, NotTaken, RawRow, Refusal, Row
from factbook.persona.migrating.persona_json import persona_sha256
from factbook.persona.migrating.row_rules import row_of
from factbook.persona.rules import canonical_objects_in

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ID = "550e8400-e29b-41d4-a716-446655440000"
AT, LATER = "2024-03-01T10:00:00.123456+00:00", "2024-03-02 11:00:00.5"
PERSONA = {"meta": {"name": "Zoë", "age": 41}, "strengths": ["a", "b"], "_meta": {"temperature": 0.70, "big": 12345678901234567890}}
GOOD: dict[str, Any] = {"id": ID, "raw_text": 'Zoë says "hi",\nand more.', "persona": PERSONA, "created_at": AT, "updated_at": LATER}


def judged(raws: Iterable[RawRow]) -> list[Row | Refusal]:
    return [row_of(raw, NOW) for raw in raws]


def of_json_lines(*lines: bytes) -> list[Row | Refusal]:
    return judged(rows_in_file(Path("old.jsonl"), io.BytesIO(b"\n".join(lines))))


def of_csv(*rows: dict[str, Any], header: Iterable[str] = COLUMNS) -> list[Row | Refusal]:
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, list(header))
    writer.writeheader()
    writer.writerows(
        {name: json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value for name, value in row.items()} for row in rows
    )
    return judged(rows_in_file(Path("old.CSV"), io.BytesIO(written.getvalue().encode())))


def in_both(changes: dict[str, Any]) -> list[Row | Refusal]:
    """The good row with these changes, out of both kinds of file."""
    row = GOOD | changes
    return [*of_json_lines(json.dumps(row).encode()), *of_csv({name: "" if value is None else value for name, value in row.items()})]


def test_a_row_is_taken_whole_and_alike_out_of_both_kinds_of_file() -> None:
    first, second = in_both({})
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert first.fingerprint == second.fingerprint
    assert (first.id, first.raw_text) == (UUID(ID), GOOD["raw_text"])
    assert first.persona == '{"meta":{"name":"Zoë","age":41},"strengths":["a","b"],"_meta":{"temperature":0.7,"big":12345678901234567890}}'
    assert first.created_at == datetime(2024, 3, 1, 10, 0, 0, 123000, UTC)
    assert first.updated_at == datetime(2024, 3, 2, 11, 0, 0, 500000, UTC)
    assert (first.place, second.place) == ("line 1", "lines 2-3")


@pytest.mark.parametrize("number", ["0.1", "1.0", "1e400", "-0.0", "0.30000000000000004440892098500626", "123456789012345678901234567890", "1E5"])
def test_numbers_keep_their_digits(number: str) -> None:
    line = json.dumps(GOOD | {"persona": {"n": 0}}).replace('{"n": 0}', f'{{"n": {number}}}')
    for row in (*of_json_lines(line.encode()), *of_csv(GOOD | {"persona": f'{{"n": {number}}}'})):
        assert isinstance(row, Row)
        assert row.persona == f'{{"n":{number}}}'


def test_a_backslash_before_the_digits_of_nul_is_no_nul() -> None:
    persona = {"a": "\\u0000", "b": "\\\\u0000"}
    for row in in_both({"persona": persona}):
        assert isinstance(row, Row)
        assert json.loads(row.persona) == persona
    for refused in in_both({"persona": {"a": "\\\0"}}):
        assert isinstance(refused, Refusal)
        assert refused.reason is NotTaken.PERSONA_NOT_STORABLE


@pytest.mark.parametrize(
    "written", [json.dumps(PERSONA), json.dumps(json.dumps(PERSONA)), f"  {json.dumps(PERSONA, indent=2)}\n"], ids=["text", "twice", "indented"]
)
def test_a_persona_within_a_json_string_is_the_persona(written: str) -> None:
    plain, *_ = in_both({})
    for row in in_both({"persona": written}):
        assert isinstance(row, Row)
        assert isinstance(plain, Row)
        assert row.persona == plain.persona


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, NotTaken.NO_ID),
        ({"id": "17"}, NotTaken.ID_NOT_A_UUID),
        ({"raw_text": None}, NotTaken.NO_TEXT),
        ({"raw_text": " \n\t "}, NotTaken.TEXT_BLANK),
        ({"raw_text": "a" * 100_001}, NotTaken.TEXT_TOO_LONG),
        ({"raw_text": "a\0b"}, NotTaken.TEXT_NOT_STORABLE),
        ({"persona": None}, NotTaken.NO_PERSONA),
        ({"persona": "{'name': 'Ada'}"}, NotTaken.PERSONA_NOT_JSON),
        ({"persona": '{"name": "Ada"'}, NotTaken.PERSONA_NOT_JSON),
        ({"persona": '{"n": NaN}'}, NotTaken.PERSONA_NOT_JSON),
        ({"persona": "[" * 100_000}, NotTaken.PERSONA_NOT_JSON),
        ({"persona": "[1]"}, NotTaken.PERSONA_NOT_AN_OBJECT),
        ({"persona": "null"}, NotTaken.PERSONA_NOT_AN_OBJECT),
        ({"persona": "17"}, NotTaken.PERSONA_NOT_AN_OBJECT),
        ({"persona": '{"a": 1, "a": 2}'}, NotTaken.PERSONA_NAMES_TWICE),
        ({"persona": '{"a": "\\u0000"}'}, NotTaken.PERSONA_NOT_STORABLE),
        ({"persona": '{"\\u0000": 1}'}, NotTaken.PERSONA_NOT_STORABLE),
        ({"persona": '{"a": "\\ud800"}'}, NotTaken.PERSONA_NOT_STORABLE),
        ({"persona": '{"a":' * 300 + "1" + "}" * 300}, NotTaken.PERSONA_NOT_STORABLE),
        ({"created_at": None}, NotTaken.NO_CREATED_AT),
        ({"created_at": "yesterday"}, NotTaken.CREATED_AT_NOT_A_TIME),
        ({"created_at": "2024-01-01"}, NotTaken.CREATED_AT_NOT_A_TIME),
        ({"created_at": "infinity"}, NotTaken.CREATED_AT_NOT_A_TIME),
        ({"created_at": "2024-02-30T00:00:00Z"}, NotTaken.CREATED_AT_NOT_A_TIME),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, NotTaken.CREATED_AT_NOT_A_TIME),
        ({"created_at": "2999-01-01T00:00:00Z"}, NotTaken.TIME_IN_THE_FUTURE),
        ({"updated_at": None}, NotTaken.NO_UPDATED_AT),
        ({"updated_at": "1714550400"}, NotTaken.UPDATED_AT_NOT_A_TIME),
    ],
    ids=lambda value: value.name if isinstance(value, NotTaken) else None,
)
def test_a_row_that_cannot_be_taken_is_named_with_its_place_its_id_and_the_reason(changes: dict[str, Any], reason: NotTaken) -> None:
    for refused in in_both(changes):
        assert isinstance(refused, Refusal)
        assert refused.reason is reason
        assert refused.place.startswith("line")
        assert refused.id == (None if "id" in changes else UUID(ID))
        assert all(str(value) not in str(refused) for value in changes.values() if value not in (None, "17"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"rubbish", NotTaken.NOT_AN_OBJECT),
        (b"[1]", NotTaken.NOT_AN_OBJECT),
        (b"\xff\xfe{}", NotTaken.NOT_UTF8),
        (b'{"id": 1, "id": 2}', NotTaken.NAMES_TWICE),
        (b'{"id": 17}', NotTaken.ID_NOT_A_UUID),
        (b'{"id": "' + ID.encode() + b'", "raw_text": 17}', NotTaken.TEXT_NOT_A_TEXT),
        (b'{"id": "' + ID.encode() + b'", "raw_text": "a\\ud800"}', NotTaken.TEXT_NOT_STORABLE),
        (b'{"id": "' + ID.encode() + b'", "raw_text": "a", "persona": 1.5}', NotTaken.PERSONA_NOT_AN_OBJECT),
        (b"{}", NotTaken.NO_ID),
        (b"[" * 100_000, NotTaken.NOT_AN_OBJECT),
        (b"a" * (LONGEST_ROW + 1), NotTaken.TOO_LONG),
    ],
    ids=range(11),
)
def test_a_line_that_is_no_row_costs_itself_and_not_the_lines_around_it(line: bytes, reason: NotTaken) -> None:
    good = json.dumps(GOOD).encode()
    first, refused, last = of_json_lines(b"\xef\xbb\xbf" + good, b"", line, b"  ", good)
    assert isinstance(first, Row)
    assert refused == Refusal("line 3", UUID(ID) if ID.encode() in line else None, reason)
    assert isinstance(last, Row)
    assert last.place == "line 5"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"one,two", NotTaken.OTHER_FIELDS),
        (b'"a"b,c,d,e,f', NotTaken.NOT_CSV),
        (b"\xff,a,b,c,d", NotTaken.NOT_UTF8),
        (b"a" * (LONGEST_ROW + 1) + b",b,c,d,e", NotTaken.NOT_CSV),
    ],
    ids=range(4),
)
def test_a_line_of_a_table_that_is_no_row_costs_itself(line: bytes, reason: NotTaken) -> None:
    good = ",".join(f'"{value}"' for value in (ID, "text", "{}", AT, LATER)).encode()
    content = b"\xef\xbb\xbf" + ",".join(COLUMNS).encode() + b"\r\n" + b"\r\n".join((good, line, b"", good))
    first, refused, last = judged(rows_in_file(Path("old.csv"), io.BytesIO(content)))
    assert isinstance(first, Row)
    assert refused == Refusal("line 3", None, reason)
    assert isinstance(last, Row)
    assert last.place == "line 5"


def test_a_quote_that_nothing_closes_names_every_line_that_it_takes_along() -> None:
    content = ",".join(COLUMNS).encode() + b'\n"a,b,c,d,e\nf,g,h,i,j\n'
    assert judged(rows_in_file(Path("old.csv"), io.BytesIO(content))) == [Refusal("lines 2-3", None, NotTaken.NOT_CSV)]


def test_columns_may_stand_in_any_order_beside_others_but_each_of_ours_once() -> None:
    (row,) = of_csv({**GOOD, "person_id": "x"}, header=("updated_at", "person_id", "persona", "raw_text", "id", "created_at"))
    assert isinstance(row, Row)
    for header in (b"id,raw_text,persona,created_at\n", b"id,id,raw_text,persona,created_at,updated_at\n", b"", b'"id"x\n'):
        with pytest.raises(SourceUnreadableError, match="first line"):
            list(rows_in_file(Path("old.csv"), io.BytesIO(header)))


def test_memory_is_that_of_a_row_however_long_the_file_is() -> None:
    def peak(rows: int) -> int:
        line = json.dumps(GOOD | {"raw_text": "x" * 50_000}).encode() + b"\n"
        file = io.BytesIO(line * rows)
        tracemalloc.start()
        try:
            assert sum(1 for _ in rows_in_file(Path("old.jsonl"), file)) == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(400) < peak(4) + 1_000_000


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5), json_values, max_size=4))
def test_nothing_of_a_persona_is_lost_and_it_is_known_again_as_one_of_ours(persona: dict[str, Any]) -> None:
    first, second = in_both({"persona": persona})
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert json.loads(first.persona) == json.loads(second.persona) == persona
    assert first.fingerprint == second.fingerprint
    try:
        canonical_json(persona)
    except ValueError:  # it has no canonical form, by which it could be known again
        return
    known = {sha256_hex(each) for each in canonical_objects_in(json.dumps(persona, indent=1))}
    assert not persona or persona_sha256(first.persona).hex() in known
