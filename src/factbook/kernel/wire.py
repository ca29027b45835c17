"""Types shared by all answers."""

from datetime import datetime
from typing import Annotated

from pydantic import PlainSerializer, WithJsonSchema

from factbook.kernel.clock import format_instant

Timestamp = Annotated[
    datetime, PlainSerializer(format_instant), WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-01-01T00:00:00.000Z"]})
]
