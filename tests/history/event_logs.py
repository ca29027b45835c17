"""Event logs for the tests of importing: XES text made from plain dictionaries, and everything that a tenant's import left behind."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.sax.saxutils import quoteattr

from factbook.database.pools import Database
from tests.history.recording import TRUTH_TABLES

Attributes = Mapping[str, str]

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def event(activity: str, at: str, **others: str) -> dict[str, str]:
    """An event's attributes; `others` are named by keyword, `org_resource` standing for `org:resource` and so on."""
    return {"concept:name": activity, "time:timestamp": at} | {key.replace("_", ":"): value for key, value in others.items()}


def trace_text(attributes: Attributes, *events: Attributes) -> str:
    """A `<trace>` with its attributes and events."""
    inner = "\n".join(f"<event>\n{_attributes_text(one)}\n</event>" for one in events)
    return f"<trace>\n{_attributes_text(attributes)}\n{inner}\n</trace>"


def log_text(*traces: str, name: str | None = None) -> bytes:
    """A whole log."""
    named = _attributes_text({"concept:name": name}) if name is not None else ""
    return f"{_HEAD}<log xmlns='http://www.xes-standard.org/'>\n{named}\n{''.join(traces)}\n</log>\n".encode()


def orders(count: int) -> bytes:
    """A log of `count` traces of two events each, of seven customers."""
    return log_text(
        *(
            trace_text(
                {"concept:name": f"order {number}", "customer": f"C{number % 7}"},
                event("pack", f"2024-01-01T00:00:{number % 60:02d}Z", org_resource="ana"),
                event("send", f"2024-01-02T00:00:{number % 60:02d}Z"),
            )
            for number in range(count)
        ),
        name="orders",
    )


def written(folder: Path, content: bytes, name: str = "log.xes") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


async def everything_of(database: Database, tenant_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """All rows of truth and ledger, customers by their identifier, without what differs between two tenants or moments."""
    tables = (*TRUTH_TABLES, "workflow_names", "truth_heads", "ledger_entries")
    async with database.reading(tenant_id) as connection:
        names = {row["id"]: row["normalized_identifier"] for row in await connection.fetch("SELECT id, normalized_identifier FROM customers")}
        found = {table: [dict(row) for row in await connection.fetch(f"SELECT * FROM {table}")] for table in tables}
    for rows in found.values():
        for row in rows:
            del row["tenant_id"]
            if "customer_id" in row:
                row["customer_id"] = names[row["customer_id"]]
        rows.sort(key=repr)
    found["customers"] = [{"identifier": name} for name in sorted(names.values())]
    return found


def _attributes_text(attributes: Attributes) -> str:
    return "\n".join(
        f"<{'date' if key == 'time:timestamp' else 'string'} key={quoteattr(key)} value={quoteattr(value)}/>" for key, value in attributes.items()
    )
