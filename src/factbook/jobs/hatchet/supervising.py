"""Keeps the engine's worker process going: started when the engine is there, ended when it is out of touch, started again.

Hatchet's worker can stay alive and deaf: after some failures to reach the engine its listener gives up for good, and nothing ends. It can also
die and leave its listener behind. So it is asked again and again whether it is in touch, and is ended with all that it started.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog

from factbook.database.server_process import free_port
from factbook.jobs.hatchet.relay import Relay

_ASK_SECONDS = 2.0

log = structlog.get_logger()

# The command of the worker process, made from the port on which it is to tell how it is.
Command = Callable[[int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: how often the process is asked, how long it may need to get in touch at first and be out of touch later, pauses, and time to end."""

    ask: float = 2.0
    start: float = 60.0
    out_of_touch: float = 30.0
    first_pause: float = 1.0
    longest_pause: float = 30.0
    end: float = 15.0


@asynccontextmanager
async def supervised(relay: Relay, command: Command, patience: Patience = Patience()) -> AsyncIterator[None]:
    """Keep the process going while the block lasts."""
    keeping = asyncio.create_task(_keep_going(relay, command, patience))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def _keep_going(relay: Relay, command: Command, patience: Patience) -> None:
    pause = patience.first_pause
    while True:
        await relay.until_it_answers()
        port = free_port()
        began = asyncio.get_running_loop().time()
        # Its own lines go to standard error. What the SDK's listener prints to standard output is in no form of ours, and told by its health.
        process = await asyncio.create_subprocess_exec(
            *command(port), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, start_new_session=True
        )
        log.info("engine_worker_started", pid=process.pid)
        try:
            why = await _why_it_must_end(relay, process, port, patience)
            log.warning("engine_worker_ended", pid=process.pid, why=why)
        finally:
            relay.runner_is_in_touch(is_in_touch=False)
            await asyncio.shield(_end(process, patience.end))
        lasted = asyncio.get_running_loop().time() - began
        pause = patience.first_pause if lasted > patience.longest_pause else min(2 * pause, patience.longest_pause)
        await asyncio.sleep(pause)


async def _why_it_must_end(relay: Relay, process: asyncio.subprocess.Process, port: int, patience: Patience) -> str:
    """Wait until the process has ended or has been out of touch for too long."""
    loop = asyncio.get_running_loop()
    out_of_touch_at = loop.time() + patience.start
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), patience.ask)
            return "it ended"
        is_in_touch = await _is_in_touch(port)
        relay.runner_is_in_touch(is_in_touch=is_in_touch)
        if is_in_touch:
            out_of_touch_at = loop.time() + patience.out_of_touch
        elif not relay.answers:  # nobody is in touch while the engine is away, and runs may finish
            out_of_touch_at = max(out_of_touch_at, loop.time() + patience.out_of_touch)
        elif loop.time() > out_of_touch_at:
            return "it is out of touch with the engine"


async def _is_in_touch(port: int) -> bool:
    """Whether the process says so itself, by the status of its health page."""
    try:
        async with asyncio.timeout(_ASK_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(b"GET /health HTTP/1.0\r\n\r\n")
                return (await reader.readline()).split()[1:2] == [b"200"]
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


async def _end(process: asyncio.subprocess.Process, seconds: float) -> None:
    """Ask it to end, then end it, and whatever it has left behind."""
    if process.returncode is None:
        process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), seconds)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
