"""Logs: one JSON object per line on standard error, from structlog and the standard library alike.

Threat: personal data in logs. Errors are told as types and frames (`failures`). Of other libraries' records only the template is kept, never the
arguments that fill it, and only its first line, since some put an error's text below it. Access lines of servers, which hold paths and
queries, are dropped: the edge writes its own.
"""

import json
import logging
import sys
from typing import Any

import orjson
import structlog
from structlog.contextvars import get_contextvars, merge_contextvars
from structlog.typing import EventDict, WrappedLogger

from factbook.edge.failures import failure_shape
from factbook.kernel import clock

ACCESS_LOGGERS = ("uvicorn.access", "granian.access")
# The server's own logger speaks of processes, ports and signals in texts that are complete.
_SERVER_LOGGER = "_granian"


def configure_logging(level: str) -> None:
    """Log from `level` on (`debug`, `info`, `warning` or `error`), in this process and from now on. Calling it again replaces the first call."""
    structlog.configure(
        processors=[merge_contextvars, structlog.processors.add_log_level, _tell_error, _add_time, _render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ACCESS_LOGGERS:
        logging.getLogger(name).disabled = True


def server_logging() -> dict[str, Any]:
    """The `dictConfig` that makes Granian log in the same shape. Granian applies it in each of its processes, before the application exists."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": LineFormatter}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}},
        "loggers": {
            _SERVER_LOGGER: {"handlers": ["lines"], "level": "INFO", "propagate": False},
            "granian.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }


class LineFormatter(logging.Formatter):
    """A record of the standard library as one line of the same shape as structlog's."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its line feed."""
        template = record.getMessage() if record.name == _SERVER_LOGGER else str(record.msg)
        line: EventDict = {
            **get_contextvars(),
            "event": template.partition("\n")[0],
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": clock.format_instant(clock.now()),
        }
        if record.exc_info and record.exc_info[1]:
            line["errors"] = failure_shape(record.exc_info[1])
        return _json(line)


def _tell_error(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by the shape of the error, so that `log.exception(...)` is safe wherever it is called."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if error is not None:
        event["errors"] = failure_shape(error)
    return event


def _add_time(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["timestamp"] = clock.format_instant(clock.now())
    return event


def _render(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return _json(event)


def _json(line: EventDict) -> str:
    try:
        return orjson.dumps(line, default=_type_name).decode()
    except orjson.JSONEncodeError:  # a lone surrogate, or an integer beyond 64 bits
        return json.dumps(line, default=_type_name)


def _type_name(value: object) -> str:
    """What stands for a value that JSON has no form for: its text could hold anything."""
    return f"<{type(value).__name__}>"
