"""How recording truth stands in the OpenAPI document."""

from typing import Any

from pydantic import TypeAdapter

from factbook.history.truth.model import Record


def _request_body() -> dict[str, Any]:
    record = TypeAdapter(Record).json_schema(ref_template="#/components/schemas/{model}")
    record.pop("$defs", None)
    example = {"type": "flow_group", "id": "g-1", "scope_type": "job", "scope_id": "ticket-1", "created_at": "2026-01-01T00:00:00.000Z"}
    envelope = {"type": "object", "required": ["records"], "properties": {"records": {"type": "array", "items": record}}}
    return {
        "required": True,
        "content": {
            "application/json": {"schema": envelope, "example": {"records": [example]}},
            "application/x-ndjson": {"schema": {"type": "string", "description": "One record per line."}},
        },
    }


def record_schemas() -> dict[str, Any]:
    """The schemas of the nine record types, by name, for the components of the OpenAPI document."""
    schemas: dict[str, Any] = TypeAdapter(Record).json_schema(ref_template="#/components/schemas/{model}")["$defs"]
    return schemas


# The route reads its body itself, line by line where it can, so it describes it here.
RECORD_REQUEST: dict[str, Any] = {"requestBody": _request_body()}
