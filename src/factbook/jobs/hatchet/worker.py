"""The process in which the engine's runs happen. Hatchet's worker takes the whole process: its signals, its event loop, and its end.

So it is a child of the worker that hands jobs over, and never runs in it. It ends when its parent does, and takes its own child along.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from factbook.jobs.declaring import Registry
from factbook.jobs.hatchet.engine import Engine, client_config
from factbook.jobs.hatchet.tasks import SILENT_FOR, tasks_of
from factbook.jobs.run import Tools

_NAME = "factbook"


def work_for_engine(
    engine: Engine,
    registry: Registry,
    open_tools: Callable[[], AbstractAsyncContextManager[Tools]],
    slots: int,
    health_port: int,
    silent_for: timedelta = SILENT_FOR,
) -> None:
    """Run what the engine assigns, `slots` runs at a time, until told to end. Exits the process.

    `open_tools` is entered in the event loop of the runs. Standard input must be a pipe whose other end the parent keeps open and never writes to.
    """
    _end_with_parent()
    from hatchet_sdk import Hatchet

    _log_as_everybody()
    hatchet = Hatchet(config=client_config(engine, health_port))

    async def lifespan() -> AsyncGenerator[Tools, None]:
        async with open_tools() as tools:
            yield tools

    hatchet.worker(_NAME, slots=slots, workflows=tasks_of(hatchet, registry, silent_for), lifespan=lifespan).start()


def _log_as_everybody() -> None:
    """The SDK prints lines of its own form to standard output; have them go where all others go, from warnings on."""
    logger = logging.getLogger("hatchet")
    logger.handlers = []
    logger.propagate = True
    logger.setLevel(logging.WARNING)


def _end_with_parent() -> None:
    """End this process and those it started as soon as the parent is gone, however it ended."""

    def watch() -> None:
        sys.stdin.buffer.read()
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()
