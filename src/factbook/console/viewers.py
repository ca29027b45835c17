"""Who looks at a page: the holder of the key that was signed in with, as long as the session lasts and the key is valid."""

from typing import Annotated

from fastapi import Depends, Request

from factbook.access import Principal, holder_of_key
from factbook.console.sessions import COOKIE, opened
from factbook.kernel import clock


class SignInFirst(Exception):
    """Nobody is signed in, so the page is not shown; the way to it leads over the sign-in."""


async def viewer_of(request: Request) -> Principal | None:
    """Who is signed in; None for a session that is over, forged, or of a key that was revoked."""
    state = request.app.state
    session = opened(request.cookies.get(COOKIE, ""), state.console_secret, clock.now())
    return None if session is None else await holder_of_key(state.database, session.tenant_id, session.key_id, state.cache)


async def _viewer(request: Request) -> Principal:
    viewer = await viewer_of(request)
    if viewer is None:
        raise SignInFirst
    return viewer


Viewer = Annotated[Principal, Depends(_viewer)]
