"""How signals end a command: SIGTERM and a closed terminal do what Ctrl-C does, so that no way of ending one leaves its database running."""

import signal
import sys
import threading
from multiprocessing import resource_tracker
from types import FrameType


def end_as_by_ctrl_c() -> None:
    """Treat SIGTERM and a closed terminal (SIGHUP) like Ctrl-C from now on. What is ignored stays ignored, which is what `nohup` asks for."""
    for number in _ending_signals():
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _as_ctrl_c)


def take_terminal_signals() -> None:
    """Let what a terminal sends to all processes of a service end it through this one alone, which ends the others in order.

    Ctrl-C and SIGHUP are blocked here, and so in each process started from now on, from its first instruction. A thread waits for them and
    passes them on to the main thread as SIGTERM. Call it before other threads start, for one that does not block them could get them.
    """
    if sys.platform == "win32":  # which has neither blocked signals nor process groups of terminals
        return
    awaited = {signal.SIGINT, signal.SIGHUP}
    ignored = {signal.SIGHUP} if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else set()
    resource_tracker.ensure_running()  # started later, with the first process of `multiprocessing`, it would unblock Ctrl-C again
    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)

    def pass_on(main_thread: int) -> None:
        while True:
            if signal.sigwait(awaited) not in ignored:
                # Sent to the process it could be taken by this thread, and would not wake the main one, where Python handles signals.
                signal.pthread_kill(main_thread, signal.SIGTERM)

    threading.Thread(target=pass_on, args=(threading.get_ident(),), name="terminal-signals", daemon=True).start()


def _ending_signals() -> list[signal.Signals]:
    return [signal.SIGTERM] if sys.platform == "win32" else [signal.SIGTERM, signal.SIGHUP]


def _as_ctrl_c(_: int, frame: FrameType | None) -> None:
    """Whatever Ctrl-C would do now: an event loop, for one, cancels its task first."""
    on_ctrl_c = signal.getsignal(signal.SIGINT)
    if callable(on_ctrl_c):
        on_ctrl_c(signal.SIGINT, frame)
    else:  # ignored, as in a shell's background jobs
        raise KeyboardInterrupt
