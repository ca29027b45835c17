"""Types shared by all requests and answers."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from factbook.kernel.clock import format_instant, instant_read
from factbook.kernel.json_text import json_object_text
from factbook.kernel.storable import storable

Timestamp = Annotated[
    datetime, PlainSerializer(format_instant), WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-01-01T00:00:00.000Z"]})
]
Instant = Annotated[datetime, BeforeValidator(instant_read), WithJsonSchema({"type": "string", "format": "date-time"})]
StorableText = Annotated[str, AfterValidator(storable)]
# The JSON text of an object, as it came in.
JsonObject = Annotated[str, BeforeValidator(json_object_text), WithJsonSchema({"type": "object"})]
# Numbers of a request: `true` is no 1, and neither is "1"; 1.0 is no whole number.
WholeNumber = Annotated[int, Field(strict=True)]
Fraction = Annotated[float, Field(strict=True, ge=0, le=1)]
# Why somebody did what they did, in their own words: kept as it is, never made up.
Reason = Annotated[StorableText, Field(min_length=1, max_length=1000)]
