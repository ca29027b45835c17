"""From bytes to records: what is accepted, what is refused, and that no answer repeats what was sent."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from factbook.history.truth.model import Evidence, FlowGroup, Record
from factbook.history.truth.reading import NdjsonReader, parse_json_body
from factbook.kernel.problems import Problem

GROUP = {"type": "flow_group", "id": "g", "scope_type": "job", "scope_id": "s", "created_at": "2026-01-01T01:00:00.1239+01:00"}
EVIDENCE = {
    "type": "evidence",
    "id": "e",
    "flow_id": "f",
    "task_id": "t",
    "evidence_type": "TEXT",
    "data": None,
    "attached_at": "2026-01-01T00:00:00Z",
    "attached_by": "ana",
}
SECRET = "Zebedee Quux"

Reader = Callable[[bytes], list[Record]]


def ndjson(body: bytes, size: int = 7) -> list[Record]:
    reader = NdjsonReader()
    for start in range(0, len(body), size):
        reader.feed(body[start : start + size])
    return reader.close()


def body_of(*items: Any) -> bytes:
    return json.dumps({"records": items}).encode()


def lines_of(*items: Any) -> bytes:
    return "\n".join(map(json.dumps, items)).encode()


def faults(read: Reader, body: bytes) -> dict[str, str]:
    with pytest.raises(Problem) as refused:
        read(body)
    assert (refused.value.kind.code, refused.value.kind.status) == ("request_invalid", 422)
    return {error.field: error.message for error in refused.value.errors}


def with_evidence_data(literal: str) -> bytes:
    return body_of(EVIDENCE).replace(b'"data": null', f'"data": {literal}'.encode())


def test_a_body_gives_its_records_in_order() -> None:
    group, evidence = parse_json_body(body_of(GROUP, EVIDENCE))
    assert isinstance(group, FlowGroup)
    assert group.created_at.isoformat() == "2026-01-01T00:00:00.123000+00:00"
    assert isinstance(evidence, Evidence)
    assert evidence.data == "null"


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
def test_lines_in_pieces_of_any_size_give_the_same_records(size: int) -> None:
    body = b"\xef\xbb\xbf\r\n  \n" + lines_of(GROUP, EVIDENCE).replace(b"\n", b"\r\n\n\t\r\n")
    assert ndjson(body, size) == parse_json_body(body_of(GROUP, EVIDENCE))


def test_a_last_line_counts_with_and_without_its_line_feed() -> None:
    assert len(ndjson(lines_of(GROUP))) == len(ndjson(lines_of(GROUP) + b"\n")) == 1


@pytest.mark.parametrize(("read", "body"), [(parse_json_body, b'{"records": []}'), (ndjson, b""), (ndjson, b"\n \r\n")])
def test_no_records_are_no_fault(read: Reader, body: bytes) -> None:
    assert read(body) == []


def test_a_byte_order_mark_at_the_very_beginning_is_skipped() -> None:
    assert len(parse_json_body(b"\xef\xbb\xbf" + body_of(GROUP))) == 1
    assert faults(ndjson, lines_of(GROUP) + b"\n\xef\xbb\xbf" + lines_of(GROUP)) == {"records[1]": "is not JSON (line 1, column 1)"}


def test_big_integers_stay_exact() -> None:
    big = "123456789012345678901234567890"
    (evidence,) = parse_json_body(with_evidence_data(f"[{big}, -{big}]"))
    assert isinstance(evidence, Evidence)
    assert evidence.data == f"[{big},-{big}]"


def test_of_two_equal_keys_the_last_one_counts() -> None:
    (evidence,) = parse_json_body(with_evidence_data('{"a": 1, "a": 2}').replace(b'"id"', b'"id": "first", "id"', 1))
    assert isinstance(evidence, Evidence)
    assert (evidence.id, evidence.data) == ("e", '{"a":2}')


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"scope_id": None}, "scope_id", "is not a text"),
        ({"scope_id": ""}, "scope_id", "is empty"),
        ({"scope_id": "x" * 129}, "scope_id", "is longer than 128 characters"),
        ({"scope_id": "a\0b"}, "scope_id", "the NUL character cannot be stored"),
        ({"scope_id": "a\ud800b"}, "scope_id", "a lone surrogate is not a character"),
        ({"created_at": 3}, "created_at", "a time is an ISO 8601 text with a zone"),
        ({"created_at": SECRET}, "created_at", "not an ISO 8601 date and time"),
        ({"created_at": "2026-01-01T00:00:00"}, "created_at", "a time zone is missing, for example a trailing Z"),
        ({"color": SECRET}, "color", "no such field belongs to this type of record"),
        ({"x" * 65: SECRET}, "(unnamed)", "no such field belongs to this type of record"),
        ({"type": SECRET}, "type", "is not one of workflow_version, flow_group, job, flow, node_activation, task_start, "),
        ({"type": None}, "type", "is not one of workflow_version, "),
    ],
)
@pytest.mark.parametrize(("read", "text_of"), [(parse_json_body, body_of), (ndjson, lines_of)])
def test_a_fault_is_named_by_index_and_field(read: Reader, text_of: Callable[..., bytes], changed: Any, field: str, message: str) -> None:
    found = faults(read, text_of(GROUP, GROUP | changed))
    assert list(found) == [f"records[1].{field}"]
    assert found[f"records[1].{field}"].startswith(message)
    assert SECRET not in repr(found)


AT = "2026-01-01T00:00:00Z"
JOB = {"type": "job", "id": "j", "flow_group_id": "g", "created_at": AT}
STATUS = {"type": "flow_status", "id": "s", "flow_id": "f", "changed_at": AT}
ACTIVATION = {"type": "node_activation", "id": "a", "flow_id": "f", "node_id": "n", "activated_at": AT}
VERSION = {"type": "workflow_version", "id": "v", "workflow_id": "w", "version": 1}


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in EVIDENCE.items() if name != key}


@pytest.mark.parametrize(
    ("record", "field", "message"),
    [
        ({**EVIDENCE, "evidence_type": SECRET}, "evidence_type", "is not one of 'FILE', 'TEXT' or 'STRUCTURED'"),
        ({**JOB, "customer_id": SECRET}, "customer_id", "is not the text of a UUID"),
        ({**JOB, "customer_id": 7}, "customer_id", "is not the text of a UUID"),
        ({**STATUS, "status": SECRET}, "status", "is not one of 'ACTIVE', "),
        ({**ACTIVATION, "iteration": 0}, "iteration", "is less than 1"),
        ({**ACTIVATION, "iteration": 2**31}, "iteration", "is greater than 2147483647"),
        ({**ACTIVATION, "iteration": True}, "iteration", "is not a whole number"),
        ({**ACTIVATION, "iteration": 1.5}, "iteration", "is not a whole number"),
        ({**VERSION, "snapshot": []}, "snapshot", "a snapshot is an object"),
        (without("data"), "data", "is missing"),
        (without("type"), "type", "is missing; it is one of workflow_version, "),
    ],
)
def test_every_rule_has_a_sentence_without_the_value(record: Any, field: str, message: str) -> None:
    found = faults(parse_json_body, body_of(record))
    assert list(found) == [f"records[0].{field}"]
    assert found[f"records[0].{field}"].startswith(message)
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("literal", "message"),
    [
        ("NaN", "NaN and infinity are not JSON numbers"),
        ("[-Infinity]", "NaN and infinity are not JSON numbers"),
        ("1e999", "NaN and infinity are not JSON numbers"),
        (r'{"a": "\ud800"}', "a lone surrogate is not a character"),
        (r'{"\udfff": 1}', "a lone surrogate is not a character"),
        (r'["\u0000"]', "the NUL character cannot be stored"),
        ("[" * 101 + "]" * 101, "nested deeper than 100 levels"),
        ("[" * 300 + "]" * 300, "nested deeper than 100 levels"),
    ],
)
def test_json_that_cannot_be_kept_is_named_by_its_field(literal: str, message: str) -> None:
    assert faults(parse_json_body, with_evidence_data(literal)) == {"records[0].data": message}


def test_paired_surrogates_are_one_character() -> None:
    (evidence,) = parse_json_body(with_evidence_data(r'"\ud83d\ude00"'))
    assert isinstance(evidence, Evidence)
    assert evidence.data == '"\U0001f600"'


@pytest.mark.parametrize("item", [1, "text", None, [], [GROUP], True])
@pytest.mark.parametrize(("read", "text_of"), [(parse_json_body, body_of), (ndjson, lines_of)])
def test_what_is_no_object_is_named_by_index(read: Reader, text_of: Callable[..., bytes], item: Any) -> None:
    assert faults(read, text_of(GROUP, GROUP, item)) == {"records[2]": "is not an object"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", {"body": "is not JSON (line 1, column 1)"}),
        (b'{"records": [\n1,]}', {"body": "is not JSON (line 2, column 3)"}),
        (b'{"records": []} x', {"body": "is not JSON (line 1, column 17)"}),
        (b'{"records": ["\xff"]}', {"body": "is not UTF-8"}),
        ('{"records": []}'.encode("utf-16"), {"body": "is not UTF-8"}),
        (b'{"records": ' + b"[" * 100_000, {"body": "is nested too deeply"}),
        (b'{"records": [' + b"9" * 5000 + b"]}", {"body": "holds a number with too many digits"}),
        (b"[]", {"body": "is not an object"}),
        (b"{}", {"records": "is missing"}),
        (b'{"records": {}}', {"records": "is not a list"}),
        (b'{"records": [], "more": 1}', {"more": "no such field belongs to the body"}),
        (b'{"records": [], "\\ud800": 1}', {"(unnamed)": "no such field belongs to the body"}),
    ],
)
def test_a_body_that_is_none_is_refused_whole(body: bytes, expected: dict[str, str]) -> None:
    assert faults(parse_json_body, body) == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "is not JSON (line 1, column 2)"),
        (b"{} {}", "is not JSON (line 1, column 4)"),
        (b'{"id": "\xff"}', "is not UTF-8"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'{"n": ' + b"9" * 5000 + b"}", "holds a number with too many digits"),
    ],
)
def test_a_line_that_is_no_json_is_named_by_the_index_of_its_record(line: bytes, message: str) -> None:
    assert faults(ndjson, lines_of(GROUP) + b"\n\n" + line + b"\n" + lines_of(GROUP)) == {"records[1]": message}


def test_faults_of_many_records_are_all_named_up_to_a_hundred() -> None:
    for read, text_of in ((parse_json_body, body_of), (ndjson, lines_of)):
        found = faults(read, text_of(*(GROUP | {"id": ""} for _ in range(150))))
        assert list(found) == [f"records[{index}].id" for index in range(100)]
