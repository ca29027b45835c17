"""The header `Idempotency-Key` of a request with a JSON body."""

import json
from typing import Annotated

from fastapi import Depends, Header, Request

from factbook.idempotency.model import IdempotentRequest
from factbook.idempotency.rules import request_sha256
from factbook.kernel.problems import REQUEST_INVALID, FieldError

_HEADER = "Idempotency-Key"
# The header alone, for a request whose body is no JSON.
IdempotencyKey = Annotated[
    str | None,
    Header(alias=_HEADER, min_length=1, max_length=255, pattern="^[!-~]([ -~]*[!-~])?$", description="Makes it safe to send the request again."),
]


async def _idempotent_request(request: Request, key: IdempotencyKey = None) -> IdempotentRequest | None:
    """What the request asks under its key; None without the header."""
    if key is None:
        return None
    try:
        # The body is read once; the shape of what it must hold is the route's to check.
        return IdempotentRequest(key, request_sha256(request.method, request.url.path, json.loads(await request.body())))
    except ValueError as error:
        raise REQUEST_INVALID.because("The body cannot be kept.", [FieldError("body", _told(error))]) from None


def _told(error: ValueError) -> str:
    """What is wrong with the body, without its content."""
    return "not valid JSON" if isinstance(error, json.JSONDecodeError | UnicodeDecodeError) else str(error)


CurrentIdempotentRequest = Annotated[IdempotentRequest | None, Depends(_idempotent_request)]
