"""What staff look at: pages that are rendered here, on the same reads as the API, and never write what is known of a customer."""

from importlib.resources import files

from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from factbook.console import (
    audit_page,
    conversation_pages,
    customer_list_page,
    operations_page,
    origin_pages,
    scenario_pages,
    signing_in,
    start_page,
)
from factbook.console.customer import digest_page, field_pages, persona_pages, vault_pages
from factbook.console.customer import page as customer_page
from factbook.console.pages import HEADERS, PREFIX, STATIC
from factbook.console.problem_pages import problem_page
from factbook.console.sessions import session_secret
from factbook.console.signing_in import sign_in_address
from factbook.console.viewers import SignInFirst

__all__ = ["PREFIX", "ROUTERS", "install_console", "problem_page", "session_secret"]

ROUTERS = (
    signing_in.router,
    customer_list_page.router,
    customer_page.router,
    field_pages.router,
    vault_pages.router,
    digest_page.router,
    origin_pages.router,
    conversation_pages.router,
    audit_page.router,
    persona_pages.router,
    scenario_pages.router,
    operations_page.router,
    start_page.router,
)


def install_console(app: FastAPI, secret: bytes) -> None:
    """Put the pages under `/console`. `secret` signs sessions: the same in every process that serves them."""
    app.state.console_secret = secret
    app.mount(STATIC, StaticFiles(directory=str(files("factbook.console") / "static")), name="console")
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    app.add_exception_handler(SignInFirst, _to_sign_in)


async def _to_sign_in(request: Request, _: Exception) -> Response:
    """To the sign-in; a script that asked for a part of a page is told to load the whole page, which leads there."""
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={**HEADERS, "HX-Refresh": "true"})
    return RedirectResponse(sign_in_address(request), 303, headers=HEADERS)
