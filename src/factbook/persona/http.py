"""What the persona's routes share: JSON that the database wrote, submissions in either form, and idempotency keys for both."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.responses import Response

from factbook.idempotency import IdempotencyKey, IdempotentRequest, request_sha256
from factbook.persona.wire import SubmissionRequest

TOTAL = "X-Total-Count"


def json_response(document: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The answer whose body is this JSON text."""
    return Response(document, status_code=status, headers=headers, media_type="application/json")


def page_response(shown: str, total: int, limit: int, offset: int) -> Response:
    """A page whose entries are this JSON array."""
    return json_response(f'{{"items":{shown},"total":{total},"limit":{limit},"offset":{offset}}}')


def idempotent_request(request: Request, key: str | None, body: Any) -> IdempotentRequest | None:
    """What is asked under the key, whatever form it came in; None without a key."""
    return None if key is None else IdempotentRequest(key, request_sha256(request.method, request.url.path, body))


async def _submission(
    wanted: SubmissionRequest | None = None,
    raw_text: Annotated[str | None, Query(description="The text, for clients that send no body. Prefer the body.", deprecated=True)] = None,
    source: Annotated[str | None, Query(description="Where the text was heard, for clients that send no body.", deprecated=True)] = None,
) -> SubmissionRequest:
    """The submission in the body; without a body, the one in the query. Both at once are refused: which of them is meant is not to be guessed."""
    given = {name: value for name, value in (("raw_text", raw_text), ("source", source)) if value is not None}
    if wanted is not None and not given:
        return wanted
    if wanted is not None:
        doubled = [{"type": "value_error", "loc": ("query", name), "ctx": {"error": "given in the body, too"}, "input": None} for name in given]
        raise RequestValidationError(doubled)
    try:
        return SubmissionRequest.model_validate(given)
    except ValidationError as error:
        raise RequestValidationError([{**fault, "loc": ("query", *fault["loc"])} for fault in error.errors()]) from None


CurrentSubmission = Annotated[SubmissionRequest, Depends(_submission)]


async def _submitted_under(request: Request, submission: CurrentSubmission, key: IdempotencyKey = None) -> IdempotentRequest | None:
    return idempotent_request(request, key, submission.model_dump())


CurrentSubmissionKey = Annotated[IdempotentRequest | None, Depends(_submitted_under)]
