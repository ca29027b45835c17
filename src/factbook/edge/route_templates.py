"""Which route a request was for: its template, such as `/v1/customers/{id}`, and the methods offered at an address.

Found by the endpoint that routing leaves in the scope: the route it leaves there does not know the prefix of the router it was included with.
"""

import re
from collections import Counter
from typing import Any

from fastapi.routing import RouteContext, iter_route_contexts
from starlette.types import Scope

UNMATCHED = "unmatched"


class RouteTemplates:
    """The templates of one application, read from its routes, which must all be in place."""

    def __init__(self, app: Any) -> None:
        routes = [route for route in _addressed_routes(app) if route.path]
        uses = Counter(route.endpoint for route in routes)  # an endpoint at several addresses does not tell which one it was
        self._by_endpoint = {route.endpoint: str(route.path) for route in routes if route.endpoint and uses[route.endpoint] == 1}
        self._by_address: list[tuple[re.Pattern[str], str]] = [(route.path_regex, str(route.path)) for route in routes]

    def template(self, endpoint: object, address: str) -> str:
        """The template of the route that the request was for, whether it got there or was refused on the way; `unmatched` when there is none.

        `endpoint` is what routing found, if it came to that; `address` is taken by `address_of` before routing.
        """
        known = self._by_endpoint.get(endpoint) if callable(endpoint) else None
        return known or next((template for pattern, template in self._by_address if pattern.match(address)), UNMATCHED)


def address_of(scope: Scope) -> str:
    """The path of the request within the application. To be taken early: an application mounted further in changes the scope."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def offered_methods(scope: Scope) -> set[str]:
    """The methods of all routes at the request's address. Routing itself names those of the first route only."""
    address = address_of(scope)
    methods = {method for route in _addressed_routes(scope["app"]) if route.path_regex.match(address) for method in route.methods or ()}
    return methods | {"HEAD"} if "GET" in methods else methods  # the edge answers HEAD wherever there is GET


def _addressed_routes(app: Any) -> list[RouteContext]:
    return [route for route in iter_route_contexts(app.routes) if hasattr(route, "path_regex")]
