"""One log line and one count per request, whatever became of it. Neither ever holds a path, a query, a header or a body."""

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from factbook.access import Principal
from factbook.edge.metrics import count_request, method_label
from factbook.edge.route_templates import RouteTemplates, address_of

# The status of a request that got no answer, because the caller left or the server stopped.
NO_ANSWER = "none"
SERVER_ERROR = 500

log = structlog.get_logger()


class MeasuringMiddleware:
    """Logs and counts each request when its answer has ended."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._templates: RouteTemplates | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and watch its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._templates is None:  # at the first request all routes are in place
            self._templates = RouteTemplates(scope["app"])
        templates, address, began = self._templates, address_of(scope), time.perf_counter()
        status: int | None = None
        complete = False

        async def watch(message: Message) -> None:
            nonlocal status, complete
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                complete = not message.get("more_body", False)
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            _record(scope, templates.template(scope.get("endpoint"), address), status, complete, time.perf_counter() - began)


def _record(scope: Scope, route: str, status: int | None, complete: bool, seconds: float) -> None:
    state = scope.get("state", {})
    method, problem = method_label(scope["method"]), state.get("problem_code")
    principal: Principal | None = state.get("principal")
    count_request(method, route, str(status or NO_ANSWER), seconds, problem)
    (log.error if status is not None and status >= SERVER_ERROR else log.info)(
        "request",
        method=method,
        route=route,
        status=status,
        complete=complete,
        duration_ms=round(seconds * 1000, 3),
        tenant_id=principal and str(principal.tenant_id),
        principal_id=principal and str(principal.id),
        problem=problem,
    )
