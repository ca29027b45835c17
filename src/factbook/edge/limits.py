"""How large a body and how long a request may be. Both limits hold whatever the application does."""

import asyncio
import re
from collections.abc import Mapping
from types import MappingProxyType

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from factbook.edge.http_errors import CarriedProblem
from factbook.edge.problem_answers import AnswerBrokenOff, answer_of
from factbook.kernel.problems import BODY_TOO_LARGE, REQUEST_INVALID, REQUEST_TIMEOUT, FieldError, Problem

CONTENT_LENGTH = "content-length"
_NAME = CONTENT_LENGTH.encode("ascii")
_DIGITS = re.compile(rb"[0-9]+")
# A length of more digits is beyond every limit, and Python refuses to read very long numbers.
_MOST_DIGITS = 18


class BodyLimitMiddleware:
    """Refuses a body larger than `max_bytes`, by its declared length before it is read, else while it is read; and a length that lies.

    Addresses that match a pattern in `larger` have a limit of their own.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, larger: Mapping[re.Pattern[str], int] = MappingProxyType({})) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the declared length, then count what is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = next((limit for pattern, limit in self._larger.items() if pattern.fullmatch(scope["path"])), self._max_bytes)
        body = _CountedBody(receive, _declared_length(scope, limit), limit)
        await self._app(scope, body.receive, send)


class RequestTimeoutMiddleware:
    """Answers 503 once a request has run for `seconds`, and cancels it.

    The answer does not wait for the cancelled work to unwind: a rollback on a connection that no longer answers takes long itself.
    An answer that had begun by then is broken off.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a deadline."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = _TimedRequest(scope, receive, send)
        timer = asyncio.get_running_loop().call_later(self._seconds, request.expire)
        try:
            await self._app(scope, receive, request.send)
        except (asyncio.CancelledError, Exception):
            if not request.expired:
                raise
            # What a cancelled request raises on its way out says nothing new.
        finally:
            timer.cancel()
        if request.expired:
            await request.end()


class _TimedRequest:
    """A request with a deadline: who may still answer it, the application or the timer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a request runs outside any task")
        self._task = task
        self._scope, self._receive, self._send = scope, receive, send
        self._begun = False
        self._answer: asyncio.Task[None] | None = None
        self.expired = False

    async def send(self, message: Message) -> None:
        """Send for the application; once the timer has answered, what the application says is dropped."""
        if self._answer is None:
            self._begun = True
            await self._send(message)

    def expire(self) -> None:
        """Answer, unless the application has begun to, and cancel the application."""
        self.expired = True
        detail = "The request ran longer than it may and was ended. What it was writing may or may not have been kept."
        answer = answer_of(REQUEST_TIMEOUT.because(detail), self._scope)
        if not self._begun:
            self._answer = asyncio.get_running_loop().create_task(answer(self._scope, self._receive, self._send))
        self._task.cancel()

    async def end(self) -> None:
        """Take back the cancellation, unless somebody else wants it too, and wait for the timer's answer to be out."""
        if self._task.uncancel():
            raise asyncio.CancelledError
        if self._answer is None:
            raise AnswerBrokenOff
        await self._answer


class _CountedBody:
    def __init__(self, receive: Receive, declared: int | None, max_bytes: int) -> None:
        self._receive = receive
        self._declared = declared
        self._max_bytes = max_bytes
        self._received = 0

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            self._check(ended=not message.get("more_body", False))
        return message

    def _check(self, *, ended: bool) -> None:
        if self._received > self._max_bytes:
            raise CarriedProblem(_too_large(self._max_bytes))
        if self._declared is not None and (self._received > self._declared or (ended and self._received < self._declared)):
            raise CarriedProblem(_bad_length("does not agree with the length of the body"))


def _declared_length(scope: Scope, max_bytes: int) -> int | None:
    """The length that the Content-Length header declares, None without one."""
    values = [value for name, value in scope["headers"] if name == _NAME]
    if not values:
        return None
    if len(values) > 1 or not _DIGITS.fullmatch(values[0]):
        raise _bad_length("must be one whole number of bytes")
    digits = values[0].lstrip(b"0") or b"0"
    if len(digits) > _MOST_DIGITS or int(digits) > max_bytes:
        raise _too_large(max_bytes)
    return int(digits)


def _too_large(max_bytes: int) -> Problem:
    return BODY_TOO_LARGE.because(f"The body is larger than {max_bytes} bytes.")


def _bad_length(message: str) -> Problem:
    return REQUEST_INVALID.because("The length of the body is not declared as it is.", [FieldError(CONTENT_LENGTH, message)])
