"""Was this request made before? For requests that would do something twice: one idempotency key, one request, one result."""

from factbook.idempotency.http import CurrentIdempotentRequest, IdempotencyKey
from factbook.idempotency.model import IdempotentRequest, MadeBefore
from factbook.idempotency.operations import claim, made_before
from factbook.idempotency.rules import IDEMPOTENCY_KEY_REUSED, request_sha256

__all__ = [
    "IDEMPOTENCY_KEY_REUSED",
    "CurrentIdempotentRequest",
    "IdempotencyKey",
    "IdempotentRequest",
    "MadeBefore",
    "claim",
    "made_before",
    "request_sha256",
]
