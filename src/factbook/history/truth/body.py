"""Reads the records out of a request body, by its media type: one JSON document, or a stream of NDJSON lines checked as they arrive."""

from collections.abc import AsyncIterable

from factbook.history.truth.model import Record
from factbook.history.truth.reading import NdjsonReader, parse_json_body
from factbook.kernel.problems import MEDIA_TYPE_UNSUPPORTED

_JSON = "application/json"
_NDJSON = "application/x-ndjson"


async def read_records(content_type: str, body: AsyncIterable[bytes]) -> list[Record]:
    """The records of a body. Raises REQUEST_INVALID naming index and field, MEDIA_TYPE_UNSUPPORTED for any other type."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == _NDJSON:
        reader = NdjsonReader()
        async for chunk in body:
            reader.feed(chunk)
        return reader.close()
    if media_type == _JSON:
        return parse_json_body(b"".join([chunk async for chunk in body]))
    raise MEDIA_TYPE_UNSUPPORTED.because(f"Truth comes as {_JSON} or {_NDJSON}.")
