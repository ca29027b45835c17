"""What an unexpected error was, told without values: types, SQLSTATEs and frames. And whether it means that the database cannot be reached.

Threat: personal data in logs. The message of an error may hold anything: a row, a parameter, an address. So no message is ever taken, not
even of errors known to be harmless.
"""

import traceback
from collections.abc import Iterator
from typing import Any

import asyncpg

from factbook.database.unavailable import DatabaseUnavailable

FRAMES_SHOWN = 20
ERRORS_SHOWN = 8

# The server refused, is starting, stopping, full, or was ended by somebody; none of it depends on the request.
_SERVER_NOT_READY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    DatabaseUnavailable,
)


def failure_shape(error: BaseException) -> list[dict[str, Any]]:
    """The error, then the errors it came from: `{type, sqlstate, frames}`, a frame being `module:line function`, the innermost last."""
    return [
        {
            "type": f"{type(each).__module__}.{type(each).__qualname__}",
            "sqlstate": getattr(each, "sqlstate", None),
            "frames": [
                f"{_module(frame)}:{line} {frame.f_code.co_name}" for frame, line in list(traceback.walk_tb(each.__traceback__))[-FRAMES_SHOWN:]
            ],
        }
        for each, _ in zip(_with_origins(error), range(ERRORS_SHOWN), strict=False)
    ]


def database_cannot_be_reached(error: BaseException) -> bool:
    """Whether the error, or one it came from, says that the database is away, too busy or too slow to answer."""
    return any(_is_outage(each) for each in _with_origins(error))


def _is_outage(error: BaseException) -> bool:
    if isinstance(error, asyncpg.InterfaceError):
        # The driver has one type for its misuse and for a connection or pool that is gone; only its own words tell them apart.
        return any(words in str(error) for words in ("connection is closed", "pool is clos"))
    # A file that cannot be opened is an OSError too, and a slow model a TimeoutError: it is the database's when the driver raised it.
    return isinstance(error, _SERVER_NOT_READY) or (isinstance(error, OSError | TimeoutError) and _raised_in_driver(error))


def _raised_in_driver(error: BaseException) -> bool:
    return any(_module(frame).partition(".")[0] == "asyncpg" for frame, _ in traceback.walk_tb(error.__traceback__))


def _with_origins(error: BaseException) -> Iterator[BaseException]:
    """The error, the members of a group, and whatever each was raised from or during, every one once."""
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        members = current.exceptions if isinstance(current, BaseExceptionGroup) else ()
        waiting.extend(origin for origin in (*members, current.__cause__, current.__context__) if origin is not None)


def _module(frame: Any) -> str:
    name: str = frame.f_globals.get("__name__", "?")
    return name
