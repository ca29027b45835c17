"""How a page is made and sent: templates that escape everything, and headers that let nothing run or load but what comes along.

Threat: text of customers that would be markup. Templates escape every value; should one ever fail to, the policy still runs no script of the page
and loads nothing from outside. Pages are kept by nobody, since they show what only the viewer may see.
"""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from factbook.access import Principal
from factbook.console.showing import FILTERS

PREFIX = "/console"
STATIC = f"{PREFIX}/static"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

# Which parts of the console there are: the end of their address, and their name.
SECTIONS = (
    ("customers", "Customers"),
    ("conversations", "Conversations"),
    ("scenarios", "Scenarios"),
    ("audit", "Audit"),
    ("operations", "Operations"),
)

_templates = Environment(
    loader=PackageLoader("factbook.console"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False
)
_templates.filters.update(FILTERS)
_templates.globals.update(prefix=PREFIX, static=STATIC, sections=SECTIONS)


def page(request: Request, template: str, viewer: Principal | None = None, status: int = 200, **values: Any) -> HTMLResponse:
    """The page that `template` makes of `values`. `viewer` is who looks at it: None on the pages for those who have not signed in."""
    return HTMLResponse(rendered(request, template, viewer, values), status, headers=HEADERS)


def rendered(request: Request, template: str, viewer: Principal | None, values: Mapping[str, Any]) -> str:
    """The text of the page."""
    known = {"viewer": viewer, "here": request.url.path, "request_id": request.scope.get("state", {}).get("request_id")}
    return _templates.get_template(template).render(known | dict(values))
