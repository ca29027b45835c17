"""Decides what a request under a known idempotency key is: a repetition, or a mistake. And what makes two requests the same."""

import hashlib
from typing import Any
from uuid import UUID

from factbook.idempotency.model import Claim
from factbook.kernel.json_text import json_text
from factbook.kernel.problems import FieldError, ProblemKind

IDEMPOTENCY_KEY_REUSED = ProblemKind("idempotency_key_reused", 409, "The idempotency key belongs to another request")


def repeated_resource(standing: Claim, request_sha256: bytes) -> UUID:
    """The id of what the first request made. Raises `idempotency_key_reused` when the key came with another request."""
    if standing.request_sha256 != request_sha256:
        message = "used before, for a request to another address or with another body"
        raise IDEMPOTENCY_KEY_REUSED.because("Nothing was changed: a new request needs a new key.", [FieldError("Idempotency-Key", message)])
    return standing.resource_id


def request_sha256(method: str, path: str, body: Any) -> bytes:
    """The SHA-256 of what is asked: method, path and the JSON value of the body, however it was written. `ValueError` as `json_text`."""
    return hashlib.sha256(json_text([method, path, body]).encode()).digest()
