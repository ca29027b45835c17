"""Which route a request was for: its template, such as `/v1/customers/{id}`, and the methods offered at an address.

Found by the endpoint that routing leaves in the scope: the route it leaves there does not know the prefix of the router it was included with.
"""

import re
from collections import Counter
from typing import Any

from fastapi.routing import iter_route_contexts
from starlette.types import Scope

UNMATCHED = "unmatched"


class RouteTemplates:
    """The templates of one application, read from its routes at the first request, when all of them are in place."""

    def __init__(self) -> None:
        self._addresses: list[tuple[re.Pattern[str], str]] | None = None
        self._by_endpoint: dict[Any, str] = {}

    def template(self, scope: Scope) -> str:
        """The template of the route that the request was for, taken or refused on the way to it; `unmatched` when there is none."""
        if self._addresses is None:
            self._addresses = self._read(scope)
        known = self._by_endpoint.get(scope.get("endpoint"))
        if known is not None:
            return known
        path = _path(scope)
        return next((template for pattern, template in self._addresses if pattern.match(path)), UNMATCHED)

    def _read(self, scope: Scope) -> list[tuple[re.Pattern[str], str]]:
        routes = [route for route in iter_route_contexts(scope["app"].routes) if route.path and hasattr(route, "path_regex")]
        uses = Counter(route.endpoint for route in routes)  # an endpoint at several addresses does not tell which one it was
        self._by_endpoint = {route.endpoint: route.path or UNMATCHED for route in routes if route.endpoint and uses[route.endpoint] == 1}
        return [(route.path_regex, route.path or UNMATCHED) for route in routes]


def offered_methods(scope: Scope) -> set[str]:
    """The methods of all routes at the request's address. Routing itself names those of the first route only."""
    path = _path(scope)
    routes = [route for route in iter_route_contexts(scope["app"].routes) if hasattr(route, "path_regex") and route.path_regex.match(path)]
    methods = {method for route in routes for method in route.methods or ()}
    return methods | {"HEAD"} if "GET" in methods else methods  # the edge answers HEAD wherever there is GET


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))
