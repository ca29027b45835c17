"""Metrics for Prometheus: requests, their durations, and problems. Every label has few values: templates, known methods, codes of ours.

With several worker processes the environment variable `PROMETHEUS_MULTIPROC_DIR` names an empty folder that they share, set before this
module is imported; any of them then answers for all. Without it a process answers for itself.
"""

import os
from functools import cache

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE
from prometheus_client.multiprocess import MultiProcessCollector

__all__ = ["CONTENT_TYPE", "count_request", "method_label", "render_metrics"]

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
OTHER_METHOD = "other"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

# Seconds. A hot read takes about a millisecond, and the request timeout is 30 seconds unless set otherwise.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

REQUESTS = Counter("factbook_http_requests_total", "Requests by method, route template and status.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("factbook_http_request_seconds", "Time from a request to the end of its answer.", ["method", "route"], buckets=_BUCKETS)
PROBLEMS = Counter("factbook_problems_total", "Problems answered, by code.", ["code"])


# Finding a child by its labels costs more than counting; all labels come from closed sets, so the caches are bounded.
_requests = cache(REQUESTS.labels)
_request_seconds = cache(REQUEST_SECONDS.labels)


def method_label(method: str) -> str:
    """The method, or `other` for one that no route of ours can have: callers may make up methods without end."""
    return method if method in _METHODS else OTHER_METHOD


def count_request(method: str, route: str, status: str, seconds: float, problem_code: str | None) -> None:
    """Count one request. All texts must come from a closed set."""
    _requests(method, route, status).inc()
    _request_seconds(method, route).observe(seconds)
    if problem_code is not None:
        PROBLEMS.labels(problem_code).inc()


def render_metrics() -> bytes:
    """Everything counted so far, in Prometheus' text format, whose media type is `CONTENT_TYPE`."""
    registry = REGISTRY
    if FOLDER_VARIABLE in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # prometheus-client leaves it untyped
    return generate_latest(registry)
