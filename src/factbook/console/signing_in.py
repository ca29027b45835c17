"""Signing in with a key, which is exchanged for a session at once, and signing out."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from factbook.access import authenticate, parse_key
from factbook.console.pages import HEADERS, PREFIX, page
from factbook.console.sessions import COOKIE, LASTS, Session, sealed
from factbook.kernel import clock

router = APIRouter(include_in_schema=False)
_SIGN_IN = f"{PREFIX}/sign-in"


@router.get("/sign-in")
async def sign_in_page(request: Request, to: Annotated[str, Query(max_length=2_000)] = "") -> Response:
    """The form that takes a key."""
    return page(request, "sign_in.html", to=_way(to), refused=False)


@router.post("/sign-in")
async def sign_in(request: Request, key: Annotated[str, Form(max_length=200)] = "", to: Annotated[str, Form(max_length=2_000)] = "") -> Response:
    """Begin a session of the key's holder and go on to where they wanted to go; say so when the key is not valid."""
    session = await _session_of(request, key.strip())
    if session is None:
        return page(request, "sign_in.html", status=401, to=_way(to), refused=True)
    answer = RedirectResponse(_way(to), 303, headers=HEADERS)
    _keep(answer, sealed(session, request.app.state.console_secret), request)
    return answer


@router.post("/sign-out")
async def sign_out() -> Response:
    """End the session in this browser."""
    answer = RedirectResponse(_SIGN_IN, 303, headers=HEADERS)
    answer.delete_cookie(COOKIE, path=PREFIX, httponly=True, samesite="strict")
    return answer


async def _session_of(request: Request, text: str) -> Session | None:
    found = parse_key(text)
    if found is None or await authenticate(request.app.state.database, text, request.app.state.cache) is None:
        return None
    return Session(found.tenant_id, found.id, clock.now() + LASTS)


def _keep(answer: Response, text: str, request: Request) -> None:
    """Have the browser keep the session: for the console's addresses alone, out of reach of scripts, and never sent from another site."""
    lasts, is_secure = int(LASTS.total_seconds()), request.url.scheme == "https"
    answer.set_cookie(COOKIE, text, max_age=lasts, path=PREFIX, secure=is_secure, httponly=True, samesite="strict")


def sign_in_address(request: Request) -> str:
    """Where to sign in, on the way to the page that was asked for."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return str(request.url.replace(scheme="", netloc="", path=_SIGN_IN, query="").include_query_params(to=wanted))


def _way(to: str) -> str:
    """Where to go after the sign-in: to a page of the console, whatever a link says."""
    is_ours = (to == PREFIX or to.startswith((f"{PREFIX}/", f"{PREFIX}?"))) and "\\" not in to and to.isprintable()
    return to if is_ours and not to.startswith((_SIGN_IN, f"{PREFIX}/sign-out")) else PREFIX
