"""Reading event logs: what is taken, what is passed over, and how a file that is none is refused."""

import gzip
import io
import tracemalloc

import pytest

from factbook.history.importing import xes
from factbook.history.importing.source import FileUnreadable
from factbook.history.importing.xes import LogReader, Trace, XesError, read_traces
from tests.history.event_logs import event, log_text, orders, trace_text

KEYS = ("concept:name", "customer", "time:timestamp", "cost")


def traces_of(content: bytes) -> list[Trace]:
    return list(read_traces(io.BytesIO(content), KEYS))


def until_it_fails(content: bytes) -> tuple[list[Trace], str]:
    """The traces before the failure, and its sentence."""
    traces: list[Trace] = []
    with pytest.raises(XesError) as failed:
        traces.extend(read_traces(io.BytesIO(content), KEYS))
    return traces, str(failed.value)


def test_a_trace_has_its_place_its_attributes_and_its_events_in_order() -> None:
    content = log_text(
        trace_text({"concept:name": "one", "customer": "C1"}, event("a", "2024-01-01T00:00:00Z", cost="1"), event("b", "2024-01-02T00:00:00Z")),
        trace_text({"concept:name": "two"}),
    )
    first, second = traces_of(content)
    assert first.attributes == {"concept:name": "one", "customer": "C1"}
    assert first.events == [
        {"concept:name": "a", "time:timestamp": "2024-01-01T00:00:00Z", "cost": "1"},
        {"concept:name": "b", "time:timestamp": "2024-01-02T00:00:00Z"},
    ]
    assert (first.number, first.line, first.complete) == (1, 4, True)
    assert (second.number, second.attributes, second.events) == (2, {"concept:name": "two"}, [])


@pytest.mark.parametrize("kind", ["string", "date", "int", "float", "boolean", "id"])
def test_values_of_every_type_stay_the_text_they_are(kind: str) -> None:
    content = f'<log><trace><{kind} value="0042" key="customer"/></trace></log>'.encode()
    assert traces_of(content)[0].attributes == {"customer": "0042"}


def test_only_attributes_that_are_asked_for_are_kept() -> None:
    (trace,) = read_traces(io.BytesIO(orders(1)), ("customer",))
    assert (trace.attributes, trace.events) == ({"customer": "C0"}, [{}, {}])


def test_nested_attributes_lists_and_sections_about_the_log_are_passed_over() -> None:
    content = b"""<log>
        <extension name="Concept" prefix="concept" uri="http://example.com"/>
        <global scope="trace"><string key="concept:name" value="of all traces"/></global>
        <global scope="event"><string key="customer" value="of all events"/></global>
        <classifier name="Activity" keys="concept:name"/>
        <string key="other" value="x"><string key="concept:name" value="nested in the log"/></string>
        <event><string key="concept:name" value="outside traces"/></event>
        <trace>
            <string key="customer" value="C1"><string key="concept:name" value="nested"/></string>
            <list key="concept:name"><values><string key="concept:name" value="listed"/></values></list>
            <container key="customer"><string key="customer" value="contained"/></container>
            <event>
                <string key="cost" value="1"><string key="customer" value="nested"><string key="customer" value="deeper"/></string></string>
                <list key="customer"><values><string key="customer" value="listed"/></values></list>
                <string key="time:timestamp"/><string value="no key"/><string/>
            </event>
        </trace>
    </log>"""
    reader = LogReader(io.BytesIO(content), KEYS)
    (trace,) = reader.traces()
    assert (trace.attributes, trace.events) == ({"customer": "C1"}, [{"cost": "1"}])
    assert reader.name is None


def test_elements_are_known_whatever_their_namespace_prefix() -> None:
    content = b"""<x:log xmlns:x="urn:any"><x:string key="concept:name" value="L"/>
        <x:trace><x:string key="customer" value="C1"/><x:event><x:int value="3" key="cost"/></x:event></x:trace></x:log>"""
    reader = LogReader(io.BytesIO(content), KEYS)
    (trace,) = reader.traces()
    assert (trace.attributes, trace.events, reader.name) == ({"customer": "C1"}, [{"cost": "3"}], "L")


def test_of_two_attributes_with_one_key_the_last_counts() -> None:
    content = b'<log><trace><string key="customer" value="1"/><string key="customer" value="2"/></trace></log>'
    assert traces_of(content)[0].attributes == {"customer": "2"}


def test_the_five_entities_of_xml_and_character_references_are_text() -> None:
    content = b'<log><trace><string key="customer" value="&lt;&amp;&gt;&quot;&apos;&#233;&#x20AC;"/></trace></log>'
    assert traces_of(content)[0].attributes == {"customer": "<&>\"'\u00e9\u20ac"}


def test_encodings_that_the_parser_knows_are_read() -> None:
    text = '<?xml version="1.0" encoding="{}"?><log><trace><string key="customer" value="\u00e9"/></trace></log>'
    for encoding in ("UTF-8", "UTF-16", "ISO-8859-1", "windows-1252"):
        assert traces_of(text.format(encoding).encode(encoding))[0].attributes == {"customer": "\u00e9"}


@pytest.mark.parametrize("encoding", ["klingon", "utf-7", "big5"])
def test_other_encodings_are_refused_with_the_remedy(encoding: str) -> None:
    _, sentence = until_it_fails(f'<?xml version="1.0" encoding="{encoding}"?><log/>'.encode())
    assert "UTF-8 always can" in sentence


def test_a_gzip_file_reads_like_the_plain_one_whatever_it_is_called() -> None:
    assert traces_of(gzip.compress(orders(50))) == traces_of(orders(50))


BOMB = b"""<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<log><trace><string key="customer" value="&c;"/></trace></log>"""
OUTSIDE = b"""<!DOCTYPE log SYSTEM "file:///etc/hostname"><log/>"""
PLAIN = b"""\n<!DOCTYPE log><log/>"""


@pytest.mark.parametrize(("content", "line"), [(BOMB, 1), (OUTSIDE, 1), (PLAIN, 2)])
def test_a_document_type_is_refused_outright(content: bytes, line: int) -> None:
    traces, sentence = until_it_fails(content)
    assert traces == []
    assert sentence == f"The file declares a document type, which an event log has no need of (line {line})."


def test_an_entity_that_nobody_declared_is_not_well_formed() -> None:
    _, sentence = until_it_fails(b'<log><trace><string key="customer" value="&c;"/></trace></log>')
    assert sentence.startswith("The file is not well-formed XML at line 1")


def test_xml_that_breaks_off_still_gives_the_traces_before() -> None:
    whole = orders(10)
    cut = whole.index(b"order 6")
    traces, sentence = until_it_fails(whole[:cut])
    assert [trace.attributes["concept:name"] for trace in traces] == [f"order {number}" for number in range(6)]
    line = whole[:cut].count(b"\n") + 1
    assert sentence.startswith(f"The XML ends early: it breaks off at line {line}, ")


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_damaged_gzip_still_gives_the_traces_before(damage: str) -> None:
    packed = bytearray(gzip.compress(orders(20_000)))
    if damage == "cut":
        packed = packed[: len(packed) // 2]
    else:
        packed[len(packed) // 2] ^= 0xFF
        packed = packed[:-8] + bytes(8)
    traces, sentence = until_it_fails(bytes(packed))
    assert traces[0].attributes["concept:name"] == "order 0"
    assert 0 < len(traces) <= 20_000
    assert "(line " in sentence or "at line " in sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The XML ends early: it breaks off at line 1, column 1."),
        (b"{}", "The file is not well-formed XML at line 1, column 1."),
        (b"<html></html>", "The file is XML but not an event log: its outermost element is not <log>."),
        (b"<log></trace>", "The file is not well-formed XML at line 1, column 8."),
        (b"<log>" + b"<a>" * 200, "Elements are nested deeper than 100 levels (line 1)."),
    ],
)
def test_what_is_no_log_is_refused_in_one_sentence(content: bytes, sentence: str) -> None:
    assert until_it_fails(content) == ([], sentence)


def test_a_failure_is_an_unreadable_file() -> None:
    with pytest.raises(FileUnreadable):
        traces_of(b"")


def test_a_tag_without_end_is_refused_before_it_fills_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xes, "_LONGEST_TAG", 100_000)
    _, sentence = until_it_fails(b'<log><trace><string key="customer" value="' + b"x" * 1_000_000)
    assert sentence == "A tag is longer than 100000 bytes (line 1)."


def test_a_trace_keeps_a_bounded_number_of_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xes, "MAX_EVENTS", 3)
    events = [event(str(number), "2024-01-01T00:00:00Z") for number in range(5)]
    cut, whole = traces_of(log_text(trace_text({}, *events), trace_text({}, *events[:3])))
    assert [one["concept:name"] for one in cut.events] == ["0", "1", "2"]
    assert (cut.complete, whole.complete) == (False, True)


def test_memory_does_not_grow_with_the_log() -> None:
    def peak(count: int) -> int:
        packed = io.BytesIO(gzip.compress(orders(count)))
        tracemalloc.start()
        for _ in read_traces(packed, KEYS):
            pass
        reached = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return reached

    assert peak(8000) < 1.5 * peak(1000)
