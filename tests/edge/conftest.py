"""Logs as a run of the service would write them."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from factbook.edge import configure_logging

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """A function that gives all lines logged since it was last called. It checks that nothing was printed beside them."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    written = io.StringIO()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", written)
        configure_logging("info")
    monkeypatch.setattr(logging.getLogger("httpx2"), "disabled", True)  # the client's lines are not the service's
    yield from _reading(written, capfd)
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _reading(written: io.StringIO, capfd: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    def lines() -> list[dict[str, Any]]:
        assert capfd.readouterr() == ("", "")
        text = written.getvalue()
        written.seek(0)
        written.truncate()
        found = [json.loads(line) for line in text.splitlines()]
        # The cache that other tests of this process share listens all the while, and says so when a busy machine makes it miss something.
        return [line for line in found if not str(line["event"]).startswith("cache_subscription_")]

    yield lines
