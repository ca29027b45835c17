"""Errors that the framework raises by HTTP status, as problems. Their own texts are not passed on: nobody promises what they hold."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import Scope

from factbook.edge.route_templates import offered_methods
from factbook.kernel.problems import (
    BODY_TOO_LARGE,
    INTERNAL,
    MEDIA_TYPE_UNSUPPORTED,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    REQUEST_INVALID,
    UNAUTHENTICATED,
    UNAVAILABLE,
    FieldError,
    Problem,
    ProblemKind,
)

_KINDS = {
    401: UNAUTHENTICATED,
    404: NOT_FOUND,
    405: METHOD_NOT_ALLOWED,
    413: BODY_TOO_LARGE,
    415: MEDIA_TYPE_UNSUPPORTED,
    422: REQUEST_INVALID,
    500: INTERNAL,
    503: UNAVAILABLE,
}
_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address does not offer the method; the Allow header names those it does.",
}


class CarriedProblem(HTTPException):
    """A problem met while a body is read: FastAPI turns every other error at that point into one of its own."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.kind.status)
        self.problem = problem


def problem_of_status(error: HTTPException, scope: Scope) -> Problem:
    """The problem that answers the error. The headers it came with are kept."""
    headers = dict(error.headers or {})
    if isinstance(error, CarriedProblem):
        return error.problem
    if error.status_code == HTTPStatus.BAD_REQUEST:  # the framework's answer to a body that cannot be read
        return REQUEST_INVALID.because("The body cannot be read.", [FieldError("body", "cannot be read as what its content type says")], headers)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        named = {method.strip() for method in headers.get("Allow", "").split(",")} - {""}
        headers["Allow"] = ", ".join(sorted(offered_methods(scope) | named))
    kind = _KINDS.get(error.status_code) or _kind_of_status(error.status_code)
    return kind.because(_DETAILS.get(error.status_code, f"{kind.title}."), headers=headers)


def _kind_of_status(status: int) -> ProblemKind:
    """A kind named after the status, for those that no rule of ours uses."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        return ProblemKind("other_status", status, "The request was not carried out")
    return ProblemKind(phrase.lower().replace(" ", "_").replace("-", "_").replace("'", ""), status, phrase)
