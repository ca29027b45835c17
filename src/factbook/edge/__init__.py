"""The HTTP edge: what surrounds every route. Request ids, logs and metrics, problem answers, limits, and who is calling."""

import re
from collections.abc import Mapping, Sequence

from fastapi import FastAPI

from factbook.access import AuthenticationMiddleware
from factbook.edge.head_requests import HeadMiddleware
from factbook.edge.limits import BodyLimitMiddleware, RequestTimeoutMiddleware
from factbook.edge.logs import configure_logging, server_logging
from factbook.edge.measuring import MeasuringMiddleware
from factbook.edge.metrics import render_metrics
from factbook.edge.problem_answers import ProblemAnswersMiddleware, ProblemPage, add_problem_handlers, problem_response
from factbook.edge.request_ids import RequestIdMiddleware
from factbook.edge.retiring import RetiringMiddleware
from factbook.kernel.retirement import Retirement

__all__ = ["add_problem_handlers", "configure_logging", "install", "problem_response", "render_metrics", "server_logging"]


def install(
    app: FastAPI,
    body_max_bytes: int,
    request_timeout_seconds: float,
    larger_bodies: Mapping[re.Pattern[str], int] | None = None,
    retirements: Sequence[Retirement] = (),
    problem_pages: Mapping[str, ProblemPage] | None = None,
) -> None:
    """Put the edge around the routes of `app`, whose `state.database` must be set before the first request.

    `larger_bodies` gives the limit of those addresses at which files come in; `retirements` name those that will not be there for ever.
    `problem_pages` says under which prefixes of addresses problems are shown to people, and how.

    Problems are answered inside the layer that logs and counts, so that a 401, a 413 or a 503 is logged and counted like any other answer.
    """
    app.state.problem_pages = problem_pages or {}
    add_problem_handlers(app)
    # Innermost first: the layer added last is the outermost.
    app.add_middleware(HeadMiddleware)
    app.add_middleware(AuthenticationMiddleware)
    app.add_middleware(BodyLimitMiddleware, max_bytes=body_max_bytes, larger=larger_bodies or {})
    app.add_middleware(RequestTimeoutMiddleware, seconds=request_timeout_seconds)
    app.add_middleware(ProblemAnswersMiddleware)
    app.add_middleware(RetiringMiddleware, retirements=retirements)
    app.add_middleware(MeasuringMiddleware)
    app.add_middleware(RequestIdMiddleware)
