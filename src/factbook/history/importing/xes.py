"""Reads event logs in XES (IEEE 1849) as a stream of traces, memory flat however long the log is.

Read are attributes of the types string, date, int, float, boolean and id that stand in a trace or an event themselves; their values stay the text
they are in the file. Not read are attributes inside attributes, lists and containers, events outside traces, and the log's global, classifier and
extension sections. Elements are known by their local names, whatever namespace they are in. A document type declaration is refused outright, and
with it every entity of the file's own. Of two attributes with one key in one place the last counts.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NoReturn
from xml.parsers import expat  # nosec: see `_refuse_document_type`; no entity but XML's own five is ever expanded

from factbook.history.importing.source import FileUnreadable, content_of, read_piece

NAME_KEY = "concept:name"  # XES standard extension Concept

# A trace beyond this is read on but not kept: a batch never splits a trace, so this bounds the memory of one batch.
MAX_EVENTS = 20_000

_PIECE = 64 * 1024
# One tag with all its attributes. The longest value that a record can hold is 1 MiB as JSON, up to six times that when written in references.
_LONGEST_TAG = 8 * 1024 * 1024
_DEEPEST = 100

_TYPED = frozenset({"string", "date", "int", "float", "boolean", "id"})
# Depths at which elements stand: <log> 0, <trace> 1, <event> 2.
_IN_LOG, _IN_TRACE, _IN_EVENT = 1, 2, 3


class XesError(FileUnreadable):
    """The file is not an event log that can be read. The message is one sentence with the position."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One trace: its place in the log counted from 1, the line where it begins, its attributes, and those of each event in the log's order.

    `complete` is False when the trace had more than `MAX_EVENTS` events, of which the first ones are kept.
    """

    number: int
    line: int
    attributes: dict[str, str]
    events: list[dict[str, str]]
    complete: bool


def read_traces(stream: BinaryIO, keys: Collection[str]) -> Iterator[Trace]:
    """The traces of the log, plain or gzip, with the attributes that `keys` name. See `LogReader` for errors."""
    return LogReader(stream, keys).traces()


class LogReader:
    """One reading of one log. `name` is the log's own name once all of it was read, None when it has none."""

    def __init__(self, stream: BinaryIO, keys: Collection[str]) -> None:
        self._stream = content_of(stream)
        self._parser = expat.ParserCreate()
        self._parser.ordered_attributes = True  # a flat list is made faster than a dictionary
        self._parser.StartDoctypeDeclHandler = self._refuse_document_type
        self._parser.EntityDeclHandler = self._refuse_document_type
        self._collector = _Collector(self._parser, frozenset(keys))

    @property
    def name(self) -> str | None:
        """The log's attribute `concept:name`, as far as it has been read."""
        return self._collector.name

    def traces(self) -> Iterator[Trace]:
        """Each trace as soon as it is read. Raises XesError where the log breaks off or breaks a rule, after the traces before that place."""
        done = self._collector.done
        fed = 0
        piece = b"-"
        while piece:
            failure = None
            try:
                piece = read_piece(self._stream, _PIECE)
                self._parser.Parse(piece, not piece)
                fed += len(piece)
                self._refuse_long_tag(fed)
            except XesError as error:
                failure = error
            except FileUnreadable as error:
                failure = XesError(f"{str(error).removesuffix('.')} (line {self._parser.CurrentLineNumber}).")
            except expat.ExpatError as error:
                failure = XesError(_sentence(error))
            except (LookupError, ValueError):  # an encoding that the parser does not have
                failure = XesError("The file is written in an encoding that cannot be read; UTF-8 always can.")
            yield from done
            done.clear()
            if failure:
                raise failure

    def _refuse_long_tag(self, fed: int) -> None:
        # Bytes that were fed but belong to no finished event yet are those of a tag still open.
        if fed - max(self._parser.CurrentByteIndex, 0) > _LONGEST_TAG + _PIECE:
            raise XesError(f"A tag is longer than {_LONGEST_TAG} bytes (line {self._parser.CurrentLineNumber}).")

    def _refuse_document_type(self, *_: object) -> NoReturn:
        raise XesError(f"The file declares a document type, which an event log has no need of (line {self._parser.CurrentLineNumber}).")


def _sentence(error: expat.ExpatError) -> str:
    place = f"line {error.lineno}, column {error.offset + 1}"
    if error.code in _ENDS_EARLY:
        return f"The XML ends early: it breaks off at {place}."
    if error.code in _ENCODING:
        return f"The file is written in an encoding that cannot be read ({place}); UTF-8 always can."
    return f"The file is not well-formed XML at {place}."


_ENDS_EARLY = {expat.errors.codes[text] for text in (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN)}
_ENCODING = {expat.errors.codes[text] for text in (expat.errors.XML_ERROR_UNKNOWN_ENCODING, expat.errors.XML_ERROR_INCORRECT_ENCODING)}


class _Collector:
    """Turns the parser's events into traces. It is called some fifteen times per event of the log, hence the flat style."""

    __slots__ = ("_attributes", "_complete", "_depth", "_event", "_events", "_in_trace", "_keys", "_line", "_number", "_parser", "done", "name")

    def __init__(self, parser: expat.XMLParserType, keys: frozenset[str]) -> None:
        self.done: list[Trace] = []
        self.name: str | None = None
        self._keys = keys
        self._parser = parser
        self._number = 0
        self._depth = 0
        self._in_trace = False
        self._event: dict[str, str] | None = None
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end

    def _start(self, tag: str, attributes: list[str]) -> None:
        depth = self._depth
        self._depth = depth + 1
        if depth == _IN_EVENT:
            if self._event is not None:
                self._keep(self._event, tag, attributes)
        elif depth == _IN_TRACE:
            if self._in_trace:
                self._start_in_trace(tag, attributes)
        elif depth == _IN_LOG:
            self._start_in_log(tag, attributes)
        elif depth == 0:
            if _local(tag) != "log":
                raise XesError("The file is XML but not an event log: its outermost element is not <log>.")
        elif depth > _DEEPEST:
            raise XesError(f"Elements are nested deeper than {_DEEPEST} levels (line {self._parser.CurrentLineNumber}).")

    def _start_in_log(self, tag: str, attributes: list[str]) -> None:
        if _local(tag) == "trace":
            self._in_trace = True
            self._complete = True
            self._number += 1
            self._line = self._parser.CurrentLineNumber
            self._attributes: dict[str, str] = {}
            self._events: list[dict[str, str]] = []
        elif _attribute(attributes, "key") == NAME_KEY and _local(tag) in _TYPED:
            self.name = _attribute(attributes, "value")

    def _start_in_trace(self, tag: str, attributes: list[str]) -> None:
        if _local(tag) != "event":
            self._keep(self._attributes, tag, attributes)
        elif len(self._events) < MAX_EVENTS:
            self._event = {}
        else:
            self._complete = False

    def _keep(self, owner: dict[str, str], tag: str, attributes: list[str]) -> None:
        if len(attributes) == 4 and attributes[0] == "key" and attributes[2] == "value":
            key: str | None = attributes[1]
            value: str | None = attributes[3]
        else:
            key, value = _attribute(attributes, "key"), _attribute(attributes, "value")
        if key in self._keys and key is not None and value is not None and (tag in _TYPED or _local(tag) in _TYPED):
            owner[key] = value

    def _end(self, _: str) -> None:
        self._depth = depth = self._depth - 1
        if depth == _IN_TRACE:
            if self._event is not None:
                self._events.append(self._event)
                self._event = None
        elif depth == _IN_LOG and self._in_trace:
            self.done.append(Trace(self._number, self._line, self._attributes, self._events, self._complete))
            self._in_trace = False


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _attribute(attributes: list[str], name: str) -> str | None:
    """The value of an XML attribute in the parser's flat list of names and values."""
    for place in range(0, len(attributes), 2):
        if attributes[place] == name:
            return attributes[place + 1]
    return None
