"""The one shape of every error answer: RFC 9457 problem details with a stable code and the fields at fault.

A `ProblemKind` is declared once, beside the rule it belongs to; raising `KIND.because(...)` ends the request with it. Details and field
messages name fields and rules, never the values that were sent: values may be personal data and answers get logged by clients.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field at fault. `field` is a path as the caller wrote it, for example `records[1].started_at`."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One way in which a request can fail: a code that programs match on, its HTTP status and a title for people."""

    code: str
    status: int
    title: str

    def because(self, detail: str, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None) -> "Problem":
        """The problem to raise. `detail` says what is wrong this time; `headers` are sent along (for example `Allow`)."""
        return Problem(self, detail, tuple(errors), dict(headers or {}))


class Problem(Exception):
    """A request that cannot be carried out. Nothing was changed when it is raised out of a transaction."""

    def __init__(self, kind: ProblemKind, detail: str, errors: tuple[FieldError, ...], headers: dict[str, str]) -> None:
        super().__init__(f"{kind.code}: {detail}")
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.headers = headers

    def body(self, request_id: str | None) -> dict[str, Any]:
        """The members of the answer, `type` being a URN since the code alone identifies the kind."""
        return {
            "type": f"urn:factbook:problem:{self.kind.code}",
            "title": self.kind.title,
            "status": self.kind.status,
            "code": self.kind.code,
            "detail": self.detail,
            "errors": [{"field": error.field, "message": error.message} for error in self.errors],
            "request_id": request_id,
        }


UNAUTHENTICATED = ProblemKind("unauthenticated", 401, "A valid key is needed")
SCOPE_REQUIRED = ProblemKind("scope_required", 403, "The key lacks a scope")
HUMAN_REQUIRED = ProblemKind("human_required", 403, "Only a human may do this")
NOT_FOUND = ProblemKind("not_found", 404, "Nothing of yours is here")
METHOD_NOT_ALLOWED = ProblemKind("method_not_allowed", 405, "This method is not offered here")
BODY_TOO_LARGE = ProblemKind("body_too_large", 413, "The request body is too large")
MEDIA_TYPE_UNSUPPORTED = ProblemKind("media_type_unsupported", 415, "This kind of body is not accepted here")
REQUEST_INVALID = ProblemKind("request_invalid", 422, "The request does not have the right shape")
INTERNAL = ProblemKind("internal_error", 500, "Something went wrong on our side")
UNAVAILABLE = ProblemKind("unavailable", 503, "A part that this needs is not available")
REQUEST_TIMEOUT = ProblemKind("request_timeout", 503, "The request took too long")
