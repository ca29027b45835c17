"""The bytes under the hash of an event. The hash of each event covers the one before it, so nothing in a chain can change without all after it.

    sha256( hash of the event before, 32 bytes | sequence, 8 bytes big endian | payload )

The payload is the version of this rule, then every other column of the event, each as a length and its bytes: no two events have the same one.
"""

import hashlib
import struct
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from factbook.audit.model import Event, Head
from factbook.kernel.canonical import canonical_json
from factbook.kernel.clock import cut_to_millisecond, format_instant


class Row(Protocol):
    """A row by the names of its columns."""

    def __getitem__(self, column: str, /) -> Any: ...


_VERSION = "factbook audit 1"
_ABSENT = 0xFFFFFFFF  # no column is that long: PostgreSQL's limit is a quarter of it


def columns_of(tenant_id: UUID, event: Event) -> dict[str, Any]:
    """The event as its row holds it, `sequence` and `sha256` left out; `context` as its canonical JSON text."""
    return {
        "tenant_id": tenant_id,
        "id": event.id,
        "event_name": str(event.name),
        "conversation_id": event.conversation_id,
        "actor_type": str(event.actor_type),
        "actor_id": event.actor_id,
        "timestamp": cut_to_millisecond(event.timestamp),
        "previous_customer_id": event.previous_customer_id,
        "new_customer_id": event.new_customer_id,
        "reason": event.reason,
        "context": canonical_json(dict(event.context)).decode(),
    }


COLUMNS = (
    *("tenant_id", "id", "event_name", "conversation_id", "actor_type", "actor_id", "timestamp"),
    *("previous_customer_id", "new_customer_id", "reason", "context"),
)


def payload(row: Row) -> bytes:
    """The payload of a row that has all of `COLUMNS`."""
    return b"".join(map(_field, (_VERSION, *(row[column] for column in COLUMNS))))


def hash_after(head: Head, row: Row) -> bytes:
    """The hash of the event that comes right after `head`. PostgreSQL computes the same when it appends the event."""
    return hashlib.sha256(head.sha256 + struct.pack(">q", head.sequence + 1) + payload(row)).digest()


def _field(value: object) -> bytes:
    if value is None:
        return struct.pack(">I", _ABSENT)
    content = _bytes(value)
    return struct.pack(">I", len(content)) + content


def _bytes(value: object) -> bytes:
    match value:
        case str():
            return value.encode()
        case UUID():
            return value.bytes
        case datetime():
            return format_instant(value).encode()
        case _:
            raise TypeError(f"no column of an event is a {type(value).__name__}")
