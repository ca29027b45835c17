"""A problem as a page: what went wrong, what to do about it, and the id under which the log has it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from factbook.console.pages import page
from factbook.kernel.problems import Problem

_ADVICE = {
    401: "Sign in again.",
    404: "The address may be mistyped, or what was there belongs to somebody else.",
    503: "The service is busy or waits for its database. Load the page again in a moment.",
}
_ANY = "Should it happen again, tell whoever runs the service the id below."


def problem_page(problem: Problem, scope: Scope) -> Response:
    """The page in place of the one that was asked for. It names fields and says why, and never repeats what was sent."""
    answer = page(
        Request(scope),
        "problem.html",
        status=problem.kind.status,
        problem=problem,
        advice=_ADVICE.get(problem.kind.status, _ANY),
    )
    answer.headers.update(problem.headers or {})
    return answer
