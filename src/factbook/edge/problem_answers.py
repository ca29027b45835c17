"""The one way an error becomes an answer: every error, wherever it was raised, ends here as a problem in the shape of RFC 9457.

Handlers answer what routes raise. The middleware answers what is raised around the routes, by middlewares further in, and everything that
nobody foresaw: such an error is logged as types and frames and ends here. Nothing of it reaches the caller, and no outer layer prints it again.
"""

import json
from collections.abc import Callable, Mapping

import orjson
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from factbook.edge.failures import database_cannot_be_reached, failure_shape
from factbook.edge.http_errors import problem_of_status
from factbook.edge.request_ids import request_id_of
from factbook.edge.shape_errors import problem_of_shape
from factbook.kernel.problems import INTERNAL, MEDIA_TYPE, UNAVAILABLE, Problem

# Seconds. A restarted PostgreSQL takes connections again after about this long.
RETRY_AFTER = "2"
LOWEST_ERROR_STATUS = 400

log = structlog.get_logger()

# A problem as something that people read, in place of one that programs do.
ProblemPage = Callable[[Problem, Scope], Response]


class AnswerBrokenOff(Exception):
    """An answer that had begun cannot be finished. It carries nothing of the error behind it: the server prints what it is told."""


def problem_response(problem: Problem, request_id: str | None) -> Response:
    """The problem as an answer."""
    body = problem.body(request_id)
    try:
        content = orjson.dumps(body)
    except orjson.JSONEncodeError:  # half of a surrogate pair, in the name of a field: only its escape can be sent
        content = json.dumps(body).encode("ascii")
    return Response(content, problem.kind.status, problem.headers, MEDIA_TYPE)


def answer_of(error: Exception, scope: Scope) -> Response:
    """The answer to the error. Leaves the problem's code in the state of the request, for its log line and its count."""
    if isinstance(error, HTTPException) and error.status_code < LOWEST_ERROR_STATUS:  # a redirect, say: no error at all
        return Response(status_code=error.status_code, headers=error.headers)
    problem = _problem_of(error, scope)
    scope.setdefault("state", {})["problem_code"] = problem.kind.code
    as_page = _page_under(scope)
    return as_page(problem, scope) if as_page else problem_response(problem, request_id_of(scope))


def add_problem_handlers(app: FastAPI) -> None:
    """Let the application answer every error with a problem. `Exception` covers only what even the outermost middlewares fail at."""
    for kind in (Problem, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _answer)


class ProblemAnswersMiddleware:
    """Answers every error of the layers within. An answer that has begun is broken off instead."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and answer what it raises."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
            return
        except ClientDisconnect:  # nobody is left to answer
            return
        except AnswerBrokenOff:
            raise
        except Exception as error:  # noqa: BLE001 - the edge: every error ends in an answer
            answer = answer_of(error, scope)
        if begun:
            # Outside the except block, so that no error hangs on to this one.
            raise AnswerBrokenOff
        await answer(scope, receive, send)


def _page_under(scope: Scope) -> ProblemPage | None:
    """How a problem looks at this address, where people look at it."""
    pages: Mapping[str, ProblemPage] = getattr(scope["app"].state, "problem_pages", {}) if "app" in scope else {}
    path: str = scope["path"]
    return next((page for prefix, page in pages.items() if path == prefix or path.startswith(f"{prefix}/")), None)


async def _answer(request: Request, error: Exception) -> Response:
    return answer_of(error, request.scope)


def _problem_of(error: Exception, scope: Scope) -> Problem:
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return problem_of_shape(error)
        case HTTPException():
            return problem_of_status(error, scope)
        case AnswerBrokenOff():  # told already; the framework's outermost layer asks once more, for an answer it cannot send
            return INTERNAL.because("The answer could not be finished.")
        case _ if database_cannot_be_reached(error):
            log.error("database_unavailable", errors=failure_shape(error))
            return UNAVAILABLE.because("The database does not answer at the moment. Try again.", headers={"Retry-After": RETRY_AFTER})
        case _:
            log.error("request_failed", errors=failure_shape(error))
            return INTERNAL.because("The request failed for a reason that is ours. The log holds it under the id of this request.")
